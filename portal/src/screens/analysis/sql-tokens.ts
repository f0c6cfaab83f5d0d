/** What a piece of SQL is, for its colour. */
export type TokenKind = 'plain' | 'keyword' | 'function' | 'text' | 'number' | 'comment' | 'name'

export interface Token {
  readonly kind: TokenKind
  readonly text: string
}

const keywords = new Set(
  `all and any array as asc between by case cast collate create cross current date desc distinct else
  end except exclude exists extract false fetch filter first following for from full group having if in
  inner intersect interval into is join last lateral left like limit natural not null nulls offset on or
  order outer over partition positional preceding qualify range recursive right row rows sample select
  semi set similar table then ties timestamp to true unbounded union unnest using values when where
  window with within`.split(/\s+/),
)

/** Sticky, so that each part is looked for exactly where the former one ended; all of them are linear. */
const parts: readonly (readonly [TokenKind, RegExp])[] = [
  ['comment', /--[^\n]*|\/\*[^]*?(?:\*\/|$)/y],
  ['text', /'(?:[^']|'')*(?:'|$)/y],
  ['text', /\$\$[^]*?(?:\$\$|$)/y],
  ['name', /"(?:[^"]|"")*(?:"|$)/y],
  ['number', /\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?/iy],
  ['plain', /[\p{L}_$][\p{L}\p{N}_$]*/uy],
  ['plain', /[^\p{L}\p{N}_$'"/-]+/uy],
]

/** The pieces of a statement, in order: joined they are the text, whatever it is. */
export function sqlTokens(sql: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < sql.length) {
    const token = tokenAt(sql, at)
    const last = tokens.at(-1)
    if (last?.kind === 'plain' && token.kind === 'plain') {
      tokens[tokens.length - 1] = { kind: 'plain', text: last.text + token.text }
    } else tokens.push(token)
    at += token.text.length
  }
  return tokens
}

function tokenAt(sql: string, at: number): Token {
  for (const [kind, pattern] of parts) {
    pattern.lastIndex = at
    const text = pattern.exec(sql)?.[0]
    if (text) return { kind: kind === 'plain' ? wordKind(text, sql, at) : kind, text }
  }
  return { kind: 'plain', text: sql.slice(at, at + 1) }
}

function wordKind(text: string, sql: string, at: number): TokenKind {
  if (keywords.has(text.toLowerCase())) return 'keyword'
  if (!/^[\p{L}_]/u.test(text)) return 'plain'
  return sql[at + text.length] === '(' ? 'function' : 'plain'
}

/** The same by line, for numbers beside them; tokens over several lines are cut. */
export function sqlLines(sql: string): Token[][] {
  const lines: Token[][] = [[]]
  for (const { kind, text } of sqlTokens(sql)) {
    text.split('\n').forEach((part, index) => {
      if (index > 0) lines.push([])
      if (part !== '') lines.at(-1)?.push({ kind, text: part })
    })
  }
  return lines
}
