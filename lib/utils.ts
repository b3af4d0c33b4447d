/** The `utils` namespace: torch.utils besides loaders and data sets, which are in `data`, and torchvision.utils. */
export * as checkpoint from './autograd/checkpoint.js'
export * from './vision/utils.js'
