import { Plus } from 'lucide-react'
import { useState } from 'react'

import { useChange, useOperation } from '~/api/operation.ts'
import { ServiceDialog } from '~/screens/tasks/service-dialog.tsx'
import type { Service } from '~/screens/tasks/service.ts'
import { common } from '~/texts/common.ts'
import { tasksTexts as texts } from '~/texts/tasks.ts'
import { Button } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { DataTable, type Column } from '~/ui/data-table.tsx'
import { Dialog } from '~/ui/dialog.tsx'
import { formatDuration } from '~/ui/format.ts'
import { Answer, Empty } from '~/ui/states.tsx'
import { showDone } from '~/ui/toast.tsx'
import { Time } from '~/ui/time.tsx'

/** Addresses of other services that carry tasks out. */
export function Services() {
  const handlers = useOperation('handlers.list', {})
  const [edits, setEdits] = useState<Service | 'new' | null>(null)
  const [removes, setRemoves] = useState<string | null>(null)
  const remove = useChange('handlers.remove', {
    onDone: () => {
      setRemoves(null)
      showDone(texts.removed)
    },
  })
  return (
    <Card
      flush
      title={texts.tabs.services}
      note={texts.servicesNote}
      actions={
        <Button operation="handlers.set" icon={<Plus size={14} />} onClick={() => setEdits('new')}>
          {texts.addService}
        </Button>
      }
    >
      <Answer of={handlers}>
        {({ handlers: rows }) => (
          <DataTable
            label={texts.tabs.services}
            columns={columnsWith(setEdits, setRemoves)}
            rows={rows}
            rowKey={({ name }) => name}
            empty={<Empty title={texts.servicesNone}>{texts.servicesNoneHint}</Empty>}
          />
        )}
      </Answer>
      {edits !== null && (
        <ServiceDialog service={edits === 'new' ? null : edits} onClose={() => setEdits(null)} />
      )}
      <Dialog
        open={removes !== null}
        onClose={() => setRemoves(null)}
        size="small"
        title={texts.removeTitle(removes ?? '')}
        note={texts.removeNote}
        actions={
          <>
            <Button look="quiet" onClick={() => setRemoves(null)}>
              {common.cancel}
            </Button>
            <Button
              look="danger"
              busy={remove.isPending}
              onClick={() => removes !== null && remove.mutate({ name: removes })}
            >
              {texts.removeService}
            </Button>
          </>
        }
      />
    </Card>
  )
}

const columnsWith = (
  change: (service: Service) => void,
  remove: (name: string) => void,
): readonly Column<Service>[] => [
  { id: 'name', title: texts.name, width: 200, cell: ({ name }) => name },
  {
    id: 'url',
    title: texts.url,
    width: 'auto',
    cell: ({ url }) => (
      <span className="font-mono text-xs" title={url}>
        {url}
      </span>
    ),
  },
  {
    id: 'timeout',
    title: texts.timeout,
    width: 120,
    align: 'right',
    cell: ({ timeoutMs }) => formatDuration(timeoutMs),
  },
  {
    id: 'changed',
    title: texts.changed,
    width: 140,
    cell: ({ changedAt }) => <Time at={changedAt} />,
  },
  {
    id: 'act',
    title: '',
    width: 170,
    align: 'right',
    cell: (service) => (
      <span className="inline-flex gap-1">
        <Button size="small" look="quiet" operation="handlers.set" onClick={() => change(service)}>
          {texts.changeService}
        </Button>
        <Button
          size="small"
          look="quiet"
          operation="handlers.remove"
          onClick={() => remove(service.name)}
        >
          {texts.removeService}
        </Button>
      </span>
    ),
  },
]
