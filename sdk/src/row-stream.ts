export type Row = Readonly<Record<string, unknown>>

/** Rows as they come from the server. They can be read once, in one of these ways. */
export class RowStream {
  readonly response: Response
  readonly #parse: (text: string) => unknown

  constructor(response: Response, parse: (text: string) => unknown) {
    this.response = response
    this.#parse = parse
  }

  get contentType(): string {
    return this.response.headers.get('content-type') ?? ''
  }

  /** Name of a file to keep it in. */
  get fileName(): string {
    const disposition = this.response.headers.get('content-disposition') ?? ''
    return /filename="([^"]*)"/.exec(disposition)?.[1] ?? 'rows'
  }

  /** Id of the receipt that says where the rows come from; null: there is none. */
  get receipt(): string | null {
    return this.response.headers.get('millrace-receipt')
  }

  /** Equal for the same request over the same versions. */
  get etag(): string | null {
    return this.response.headers.get('etag')
  }

  /** The newest publish that the rows come from. */
  get commit(): number | null {
    return this.#number('millrace-commit')
  }

  get rows(): number | null {
    return this.#number('millrace-rows')
  }

  /** Of the whole answer, without a limit. */
  get totalRows(): number | null {
    return this.#number('millrace-total-rows')
  }

  /** Cursor of the page behind this one; null: it is the last. */
  get next(): string | null {
    return this.response.headers.get('millrace-next')
  }

  /** The rows were too many for one answer: address of the delivery that they become; null: they are here. */
  get delivery(): string | null {
    return this.response.status === 202 ? this.response.headers.get('location') : null
  }

  /** As bytes that arrive; null: the answer has none. */
  get body(): ReadableStream<Uint8Array> | null {
    return this.response.body
  }

  async bytes(): Promise<Uint8Array> {
    return new Uint8Array(await this.response.arrayBuffer())
  }

  text(): Promise<string> {
    return this.response.text()
  }

  /** Every row of JSON or NDJSON. */
  async all(): Promise<Row[]> {
    const rows: Row[] = []
    for await (const row of this) rows.push(row)
    return rows
  }

  /** Row by row: NDJSON as it arrives, JSON once it is whole. Throws for other formats. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Row, void, void> {
    if (this.delivery !== null) {
      throw new Error(`the rows are too many for one answer: fetch them from ${this.delivery}`)
    }
    if (this.contentType.startsWith('application/json')) {
      const whole = this.#parse(await this.text())
      yield* Array.isArray(whole) ? (whole as Row[]) : (whole as { rows: Row[] }).rows
      return
    }
    if (!this.contentType.startsWith('application/x-ndjson')) {
      throw new Error(
        `rows cannot be read one by one from ${this.contentType}: use bytes() or body`,
      )
    }
    for await (const line of this.#lines()) if (line !== '') yield this.#parse(line) as Row
  }

  async *#lines(): AsyncGenerator<string, void, void> {
    const reader = this.body?.getReader()
    if (!reader) return
    const decoder = new TextDecoder()
    let rest = ''
    try {
      for (;;) {
        const { done, value } = await reader.read()
        rest += done ? decoder.decode() : decoder.decode(value, { stream: true })
        const lines = rest.split('\n')
        rest = done ? '' : (lines.pop() ?? '')
        yield* lines
        if (done) return
      }
    } finally {
      // Whoever stops reading wants no more bytes.
      await reader.cancel().catch(() => {})
    }
  }

  #number(name: string): number | null {
    const text = this.response.headers.get(name)
    return text === null ? null : Number(text)
  }
}
