/** How tslab names and begins the two files of its program. */

/** The file of the cell, in the working folder. */
export const CELL_FILE = '__tslab__.ts'

/** The file of what earlier cells declared. */
export const DECLARATIONS_FILE = '__prev__.d.ts'

/** tslab puts this line above each cell; positions inside the program are shifted by its length. */
export const CELL_PREFIX = 'export {};\n'

/** Where tslab expects the declarations of a cell. */
export const DECLARATIONS_OUTPUT = 'outDir/__tslab__.d.ts'
