/** Text of a field as the judge of its column takes it; null: there is no value. */
export type CellText = string | null

/** A value that no column can hold, with the text that tells of it. */
export class Unreadable {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** A list of texts, as the engine reads it back. */
export class ListText {
  readonly text: string

  constructor(items: readonly string[]) {
    this.text = `j${JSON.stringify(items)}`
  }
}

export type Field = CellText | Unreadable | ListText
