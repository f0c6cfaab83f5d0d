/** What an answer other than rows means, from the API's own description. */
export interface Problems {
  /** `400`, `default`. */
  readonly status: string
  readonly codes: readonly { readonly code: string; readonly text: string }[]
  /** Where no code has a text of its own. */
  readonly text: string
}

interface Response {
  readonly $ref?: string
  readonly description?: string
}

interface Document {
  readonly paths?: Readonly<
    Record<string, { readonly get?: { readonly responses?: Readonly<Record<string, Response>> } }>
  >
  readonly components?: { readonly responses?: Readonly<Record<string, Response>> }
}

const LINE = /^- `([\w-]+)`: (.*)$/

/** Of the rows of an endpoint, by status; empty where the document does not know it. */
export function problemsOf(document: unknown, endpoint: string): Problems[] {
  const { paths, components } = document as Document
  const responses = paths?.[`/v1/endpoints/${endpoint}/rows`]?.get?.responses ?? {}
  return Object.entries(responses).map(([status, response]) => {
    const name = response.$ref?.split('/').at(-1)
    const { description = '' } =
      name === undefined ? response : (components?.responses?.[name] ?? {})
    const lines = description.split('\n')
    const codes = lines.flatMap((line) => {
      const [, code, text = ''] = LINE.exec(line) ?? []
      return code === undefined ? [] : [{ code, text }]
    })
    return { status, codes, text: codes.length === 0 ? description : '' }
  })
}
