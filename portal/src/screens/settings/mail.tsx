import { Send } from 'lucide-react'
import { useState } from 'react'

import { useAccount } from '~/api/access.ts'
import type { OutputOf } from '~/api/client.ts'
import { useChange, useOperationPages } from '~/api/operation.ts'
import { settingsTexts } from '~/texts/settings.ts'
import { Button } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { DataTable, type Column } from '~/ui/data-table.tsx'
import { Dialog } from '~/ui/dialog.tsx'
import { TextField } from '~/ui/field.tsx'
import { Answer, Empty } from '~/ui/states.tsx'
import { Status } from '~/ui/status.tsx'
import { Time } from '~/ui/time.tsx'
import { showDone } from '~/ui/toast.tsx'
import { common } from '~/texts/common.ts'

const texts = settingsTexts.mail
type Mail = OutputOf<'mail.list'>['mail'][number]

/** Mail of the tenant, and how it came out. */
export function MailList() {
  const [isTesting, setTesting] = useState(false)
  const pages = useOperationPages('mail.list', { limit: 100 }, { cursorField: 'after' })
  const rows = pages.data?.pages.flatMap(({ mail }) => mail)
  return (
    <Card
      flush
      title={texts.title}
      note={texts.note}
      actions={
        <Button icon={<Send size={14} />} operation="mail.test" onClick={() => setTesting(true)}>
          {texts.test}
        </Button>
      }
    >
      <Answer of={{ ...pages, data: rows }}>
        {(found) => (
          <DataTable
            label={texts.title}
            columns={columns}
            rows={found}
            rowKey={({ id }) => id}
            onEnd={() => {
              if (pages.hasNextPage && !pages.isFetching) void pages.fetchNextPage()
            }}
            empty={<Empty title={texts.none}>{texts.noneHint}</Empty>}
          />
        )}
      </Answer>
      {isTesting && <TestDialog onClose={() => setTesting(false)} />}
    </Card>
  )
}

function TestDialog({ onClose }: { readonly onClose: () => void }) {
  const account = useAccount()
  const [to, setTo] = useState(account?.email ?? '')
  const test = useChange('mail.test', {
    onDone: () => {
      showDone(texts.tested, texts.testedHint)
      onClose()
    },
  })
  return (
    <Dialog
      open
      size="small"
      onClose={onClose}
      title={texts.test}
      actions={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button
            look="primary"
            busy={test.isPending}
            disabled={!to.includes('@')}
            onClick={() => test.mutate({ to })}
          >
            {texts.test}
          </Button>
        </>
      }
    >
      <TextField label={texts.testTo} type="email" value={to} onChange={setTo} />
    </Dialog>
  )
}

function Retry({ mail }: { readonly mail: string }) {
  const retry = useChange('mail.retry', { onDone: () => showDone(texts.retried) })
  return (
    <Button
      size="small"
      operation="mail.retry"
      busy={retry.isPending}
      onClick={() => retry.mutate({ mail })}
    >
      {texts.retry}
    </Button>
  )
}

const columns: readonly Column<Mail>[] = [
  { id: 'state', title: texts.state, width: 120, cell: ({ state }) => <Status state={state} /> },
  { id: 'to', title: texts.to, width: 240, cell: ({ to }) => <bdi title={to}>{to}</bdi> },
  { id: 'what', title: texts.template, width: 150, cell: ({ template }) => template },
  {
    id: 'error',
    title: texts.error,
    width: 'auto',
    cell: ({ error }) => (error === null ? '–' : <span title={error}>{error}</span>),
  },
  { id: 'tries', title: texts.tries, width: 70, align: 'right', cell: ({ attempts }) => attempts },
  {
    id: 'created',
    title: texts.created,
    width: 140,
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
  {
    id: 'retry',
    title: '',
    width: 120,
    align: 'right',
    cell: ({ id, state }) => (state === 'failed' ? <Retry mail={id} /> : null),
  },
]
