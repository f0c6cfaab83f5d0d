import type { Sniffed } from '~/intake/sniff/sniff.ts'

/** The definition of a source that reads such a file, for a pack. */
export function sourceText(file: string, sniffed: Sniffed): string {
  const time = sniffed.columns.find(({ type }) => type === 'timestamp' || type === 'date')
  const columns = sniffed.columns.map(({ name, type, empty, examples }) => {
    const more = [
      `type: '${type}'`,
      ...(type === 'text[]' && examples[0]?.includes("'") ? ["parse: 'python-list'"] : []),
      ...(name === time?.name ? ["role: 'time'"] : []),
      ...(empty === 0 && name === time?.name ? ['optional: false'] : []),
    ]
    return `    ${propertyOf(name)}: { ${more.join(', ')} },`
  })
  return [
    "import { defineSource } from 'millrace'",
    '',
    'export default defineSource({',
    `  description: ${quoted(`Rows of files like ${file}.`)},`,
    `  format: '${sniffed.format}',`,
    `  partition: '${time ? 'month' : 'none'}',`,
    '  columns: {',
    ...columns,
    '  },',
    ...(time ? [`  observes: { column: ${quoted(time.name)}, by: 'day' },`] : []),
    '})',
    '',
  ].join('\n')
}

/** The source whose columns the file has; the share of them that it has. Null: none has half of them. */
export function matchSource(
  columns: readonly string[],
  sources: readonly { readonly source: string; readonly columns: readonly string[] }[],
): { readonly source: string; readonly share: number } | null {
  const has = new Set(columns.map((name) => name.toLowerCase()))
  const rated = sources.map(({ source, columns: declared }) => {
    const found = declared.filter((name) => has.has(name.toLowerCase())).length
    return { source, share: declared.length === 0 ? 0 : found / declared.length }
  })
  const best = rated.toSorted((a, b) => b.share - a.share)[0]
  return best && best.share >= 0.5 ? best : null
}

const quoted = (text: string) => `'${text.replace(/[\\']/g, String.raw`\$&`).replace(/\s+/g, ' ')}'`

const propertyOf = (name: string) => (/^[a-z_$][\w$]*$/i.test(name) ? name : quoted(name))
