/** The `utils` namespace (torch.utils), besides loaders and data sets, which are in `data`. */
export * as checkpoint from './autograd/checkpoint.js'
