/** The `data` namespace (torch.utils.data). */
export { Dataset, Subset, TensorDataset, type Collated } from './dataset.js'
export { DataLoader, defaultCollate, type DataLoaderOptions } from './loader.js'
