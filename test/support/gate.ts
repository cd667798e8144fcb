/** Something that has not happened yet, and happens when the test says so. */
export interface Gate {
  readonly opened: Promise<void>
  open (): void
}

export const createGate = (): Gate => {
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => { open = resolve })
  return { opened, open: () => { open() } }
}
