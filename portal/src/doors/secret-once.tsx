import { Copy } from 'lucide-react'

import { doors } from '~/texts/doors.ts'
import { Button } from '~/ui/button.tsx'
import { copyText } from '~/ui/copy-as.tsx'

/** Something to be kept now: a key, a secret, a link. */
export function SecretOnce({
  label,
  value,
  note,
}: {
  readonly label: string
  readonly value: string
  readonly note?: string
}) {
  return (
    <div className="flex flex-col gap-1.5">
      <span className="text-xs font-medium text-soft">{label}</span>
      <div className="flex items-start gap-2">
        <code className="min-w-0 grow rounded-md bg-sunken px-2.5 py-2 font-mono text-xs break-all whitespace-pre-wrap select-all">
          {value}
        </code>
        <Button
          size="small"
          icon={<Copy size={13} />}
          aria-label={`${doors.copySecret}: ${label}`}
          onClick={() => void copyText(value, label)}
        >
          {doors.copySecret}
        </Button>
      </div>
      {note !== undefined && <p className="text-xs text-warn">{note}</p>}
    </div>
  )
}
