import type { ReactNode } from 'react'

import { Button } from '~/ui/button.tsx'
import { wordsOf } from '~/ui/states.tsx'

/** Fields, what the server said no to, and the one button. */
export function DoorForm({
  submit,
  busy,
  error,
  onSubmit,
  children,
}: {
  readonly submit: string
  readonly busy: boolean
  /** Of the newest try; null: there is nothing to say. */
  readonly error: unknown
  readonly onSubmit: () => void
  readonly children?: ReactNode
}) {
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (!busy) onSubmit()
      }}
    >
      {children}
      {error != null && <Refusal error={error} />}
      <Button type="submit" look="primary" busy={busy}>
        {submit}
      </Button>
    </form>
  )
}

/** What was refused, in a line or two of its own. */
export function Refusal({ error }: { readonly error: unknown }) {
  const { text, remedy } = wordsOf(error, navigator.onLine)
  return (
    <div role="alert" className="rounded-md bg-bad-soft px-3 py-2 text-sm [overflow-wrap:anywhere]">
      <p className="font-medium text-bad">{text}</p>
      {remedy !== '' && <p className="text-ink">{remedy}</p>}
    </div>
  )
}
