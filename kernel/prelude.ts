/** The names that every cell sees without an import: the library's, and `display`. Users may redeclare any of them. */
export * from '../lib/index.js'
export { display } from './display/api.js'
