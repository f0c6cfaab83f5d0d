import type { Delivery } from '#catalog/deliveries.ts'
import type { Chart } from '#charts/chart-options.ts'
import type { DeliveryTarget, TargetWish } from '#model/delivery.ts'
import type { RowFormat } from '#model/row-format.ts'
import type { Asker, Cells, Question } from '#serving/question.ts'
import type { Receipt } from '#serving/receipt.ts'

/** Whoever asks for a delivery, as the audit log names them. */
export interface DeliveryAsker extends Asker {
  /** `key mk_…`, `user usr_…`, `operator`, `local`. */
  readonly name: string
  /** Where a person is told by default; null: there is no address. */
  readonly email: string | null
}

export interface DeliveryWish {
  readonly format: RowFormat
  readonly cells: Cells
  /** Default: a file. */
  readonly target?: TargetWish
  /** What the file is called, without its ending: letters, digits, `-`, `_`, `.`. */
  readonly title: string
  /** Rows of the answer, where they have been counted. */
  readonly rowsExpected?: number | null
  /** Default: the asker's own address, where there is one. */
  readonly mail?: readonly string[]
  /** With the file where it is small enough; default: no. */
  readonly attach?: boolean
  /** A picture of its first rows, in the mail. */
  readonly chart?: Chart | undefined
  /** Told when it has ended, signed as the callbacks of tasks. */
  readonly callbackUrl?: string | null
  /** How long its file is kept; default: the deployment's setting. */
  readonly keepMs?: number
  /** Whole downloads by link; default: any number until it expires. */
  readonly downloadsMax?: number | null
  /**
   * Of the asker. The same key with the same request is the same delivery; with another one it is
   * `delivery-key-reused`. Default: while a delivery of the same answer, form and target of the same
   * asker lives, it is that one. Null: always another one.
   */
  readonly idempotencyKey?: string | null
}

export interface Deliveries {
  /**
   * Begins to deliver the answer that has this receipt, of exactly those versions. `question` is what
   * `answers.ask` was asked.
   */
  begin(
    asker: DeliveryAsker,
    asked: { readonly question: Question; readonly receipt: Receipt },
    wish: DeliveryWish,
  ): Promise<Delivery>
  /** Where its rows can be fetched without a key; null: nowhere (yet, or any more). */
  linkOf(tenant: Asker['tenant'], delivery: Delivery): string | null
  /** The delivery that a link leads to, of this tenant; null: none that it opens. */
  byLink(tenant: Asker['tenant'], id: string, token: string): Promise<Delivery | null>
  readonly targets: ReadonlyMap<string, DeliveryTarget>
}

/** Of a delivery's own address, which answers its state. */
export function deliveryLocation(id: string): string {
  return `/v1/deliveries/${id}`
}
