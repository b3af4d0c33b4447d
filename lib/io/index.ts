/** The `io` namespace: files of PyTorch, safetensors, NumPy and tables. */
export { loadCsv, saveCsv, type CsvOptions, type SaveCsvOptions } from './csv/index.js'
export { Table, type Cell } from './csv/table.js'
export { FileFormatError, type FileSource } from './files.js'
export type { NamedTensors } from './named-tensors.js'
export { registerModule, type ModuleClass } from './module/classes.js'
export { loadNpy, loadNpz, saveNpy, saveNpz, type NpzOptions } from './npy/index.js'
export {
  loadSafetensors,
  openSafetensors,
  saveSafetensors,
  SafetensorsFile,
  type SafetensorsOptions,
} from './safetensors.js'
export { load, type LoadedState, type LoadOptions } from './torch/read.js'
export { save, type SaveOptions } from './torch/write.js'
