/** Stands for what is not shown. It does not tell how long that is. */
export const MASK = '•••'
