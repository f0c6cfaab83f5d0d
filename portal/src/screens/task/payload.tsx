import { Copy } from 'lucide-react'

import type { BackgroundTask } from '~/screens/task/facts.tsx'
import { taskTexts as texts } from '~/texts/task.ts'
import { IconButton } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { copyText } from '~/ui/copy-as.tsx'
import { Empty } from '~/ui/states.tsx'
import { jsonText } from '~/screens/task/json-text.ts'

/** What it was given and what it brought, as data. */
export function Payload({ task }: { readonly task: BackgroundTask }) {
  return (
    <div className="grid min-w-0 items-start gap-4 lg:grid-cols-2">
      <Data title={texts.payload} value={task.payload} />
      {task.result === null ? (
        <Card title={texts.result}>
          <Empty title={task.endedAt === null ? texts.resultNotYet : texts.resultNone} />
        </Card>
      ) : (
        <Data title={texts.result} value={task.result} />
      )}
    </div>
  )
}

function Data({ title, value }: { readonly title: string; readonly value: unknown }) {
  const text = jsonText(value)
  return (
    <Card
      title={title}
      actions={
        <IconButton label={`${texts.copy}: ${title}`} onClick={() => void copyText(text, title)}>
          <Copy size={14} />
        </IconButton>
      }
    >
      <pre
        // What scrolls can be reached without a pointer.
        tabIndex={0}
        className="max-h-80 overflow-auto rounded-md bg-sunken p-3 font-mono text-xs whitespace-pre-wrap [overflow-wrap:anywhere]"
      >
        {text}
      </pre>
    </Card>
  )
}
