/** What a mail says, as words; how they are set, and that nothing in them is markup, is done here. */
export interface Letter {
  readonly subject: string
  /** Each at most 1,000 characters. */
  readonly paragraphs: readonly string[]
  /** One number, large, and what it is. */
  readonly figure?: { readonly value: string; readonly label: string } | undefined
  /** A PNG that is part of the mail; `alt` says the same in words. */
  readonly image?: LetterImage | undefined
  readonly table?: LetterTable | undefined
  /** What the reader shall do. */
  readonly action?: { readonly label: string; readonly link: string } | undefined
  /** In small print. */
  readonly remarks: readonly string[]
  /** Sent along. */
  readonly files?: readonly LetterFile[] | undefined
}

export interface LetterImage {
  readonly alt: string
  readonly base64: string
  /** As it is shown, in CSS pixels. */
  readonly width: number
  readonly height: number
}

/** Cells as texts; numbers stand to the right. */
export interface LetterTable {
  readonly columns: readonly { readonly name: string; readonly isNumber: boolean }[]
  readonly rows: readonly (readonly string[])[]
  /** Below it. */
  readonly note: string
}

export interface LetterFile {
  /** Plain name with its ending. */
  readonly name: string
  readonly contentType: string
  readonly base64: string
}
