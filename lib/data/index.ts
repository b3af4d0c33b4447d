/** The `data` namespace (torch.utils.data). */
export { defaultCollate } from './collate.js'
export {
  ChainDataset,
  ConcatDataset,
  Dataset,
  IterableDataset,
  Subset,
  TensorDataset,
  type Collated,
} from './dataset.js'
export { DataLoader, type DataLoaderOptions } from './loader.js'
export { fromModule } from './portable.js'
export {
  BatchSampler,
  RandomSampler,
  SequentialSampler,
  SubsetRandomSampler,
  WeightedRandomSampler,
  type DrawingOptions,
  type RandomSamplerOptions,
  type Sampler,
  type WeightedRandomSamplerOptions,
} from './samplers.js'
export { randomSplit } from './split.js'
export { getWorkerInfo, type WorkerInfo } from './worker-info.js'
