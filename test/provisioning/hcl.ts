/** A block of HCL, as far as our own files use the language: one attribute or one brace a line. */
export interface Block {
  readonly type: string
  readonly labels: readonly string[]
  /** The text behind the `=`, in one line. */
  readonly attributes: Record<string, string>
  readonly blocks: Block[]
}

/** Reads the blocks of a file. Throws where a line is none that it knows, or where the braces do not match. */
export const readHcl = (text: string): readonly Block[] => {
  const root: Block = { type: 'root', labels: [], attributes: {}, blocks: [] }
  const open: Block[] = [root]
  let pending: { name: string, value: string } | undefined
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim()
    const current = open.at(-1)
    if (current === undefined) throw new Error(`line ${index + 1}: a } too many`)
    if ((line.match(/"/g)?.length ?? 0) % 2 !== 0 && !line.startsWith('#')) throw new Error(`line ${index + 1}: a quote is open`)
    if (pending !== undefined) {
      pending.value += ` ${line}`
      if (line === '}' || line === ']') {
        current.attributes[pending.name] = pending.value
        pending = undefined
      }
      continue
    }
    if (line === '' || line.startsWith('#')) continue
    const attribute = /^([a-z_0-9]+)\s*=\s*(.+)$/.exec(line)
    const block = /^([a-z_]+)((?: "[^"]+")*) \{(\})?$/.exec(line)
    if (attribute !== null) {
      const [, name, value] = attribute as unknown as [string, string, string]
      if (/[{[]$/.test(value)) pending = { name, value }
      else current.attributes[name] = value
    } else if (block !== null) {
      const made = { type: block[1] as string, labels: [...(block[2] ?? '').matchAll(/"([^"]+)"/g)].map((match) => match[1] as string), attributes: {}, blocks: [] }
      current.blocks.push(made)
      if (block[3] === undefined) open.push(made)
    } else if (line === '}') open.pop()
    else throw new Error(`line ${index + 1} is none that is known: ${line}`)
  }
  if (open.length !== 1 || pending !== undefined) throw new Error('a brace is open at the end')
  return root.blocks
}

export interface Terraform {
  readonly blocks: readonly Block[]
  /** The one block with this type and these labels. Throws where there is none, or more. */
  block (type: string, ...labels: string[]): Block
}

/** Reads a Terraform file. Throws where a variable or a resource is used that is not there. */
export const readTerraform = (text: string): Terraform => {
  const blocks = readHcl(text)
  const code = text.split('\n').filter((line) => !line.trim().startsWith('#')).join('\n')
  const known = blocks.map(({ type, labels }) => type === 'variable' ? `var.${labels[0]}` : labels.join('.'))
  const used = [...code.matchAll(/\b(?:var\.[a-z_]+|(?:auth0|okta)_[a-z_]+\.[a-z_]+)/g)].map((match) => match[0])
  const unknown = used.filter((name) => !known.includes(name))
  if (unknown.length > 0) throw new Error(`used and not declared: ${unknown.join(', ')}`)
  return {
    blocks,
    block (type, ...labels) {
      const found = blocks.filter((block) => block.type === type && labels.every((label, index) => block.labels[index] === label))
      if (found.length !== 1) throw new Error(`${found.length} blocks ${type} ${labels.join(' ')}`)
      return found[0] as Block
    }
  }
}
