import { Link } from '@tanstack/react-router'
import { useState } from 'react'

import { useTenant } from '~/api/access.ts'
import type { OutputOf } from '~/api/client.ts'
import { useChange, useOperation } from '~/api/operation.ts'
import { useSetAddress } from '~/browser/address.ts'
import { common } from '~/texts/common.ts'
import { tasksTexts as texts } from '~/texts/tasks.ts'
import { Button } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { Dialog } from '~/ui/dialog.tsx'
import { formatCount } from '~/ui/format.ts'
import { Answer, Empty } from '~/ui/states.tsx'
import { showDone } from '~/ui/toast.tsx'
import { Time } from '~/ui/time.tsx'

type Group = OutputOf<'tasks.deadLetters'>['groups'][number]

/** Tasks that failed for good: bars by name, parts by reason, and what to do about all of a name. */
export function DeadLetters() {
  const dead = useOperation('tasks.deadLetters', {})
  const go = useSetAddress()
  const [asks, setAsks] = useState<{ verb: 'retry' | 'discard'; name: string } | null>(null)
  const close = () => setAsks(null)
  const retry = useChange('tasks.retryAll', {
    onDone: ({ tasks }) => {
      close()
      showDone(texts.retried(tasks))
    },
  })
  const discard = useChange('tasks.discardAll', {
    onDone: ({ tasks }) => {
      close()
      showDone(texts.discarded(tasks))
    },
  })
  return (
    <Answer of={dead}>
      {({ groups, more }) => {
        if (groups.length === 0) {
          return (
            <Card>
              <Empty title={texts.deadNone}>{texts.deadNoneHint}</Empty>
            </Card>
          )
        }
        const names = [...Map.groupBy(groups, ({ name }) => name)]
          .map(([name, own]) => ({
            name,
            own,
            tasks: own.reduce((sum, { tasks }) => sum + tasks, 0),
          }))
          .toSorted((a, b) => b.tasks - a.tasks)
        const most = Math.max(...names.map(({ tasks }) => tasks), 1)
        return (
          <Card title={texts.tabs.dead} note={more ? texts.deadMore : texts.deadNote}>
            <ul className="flex flex-col divide-y divide-line">
              {names.map(({ name, own, tasks }) => (
                <li key={name} className="flex flex-col gap-2 py-3 first:pt-0">
                  <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
                    <span className="min-w-0 font-medium [overflow-wrap:anywhere]">{name}</span>
                    <span className="num text-sm text-soft">{formatCount(tasks)}</span>
                    <span className="ml-auto flex flex-wrap gap-2">
                      <Button
                        size="small"
                        look="quiet"
                        onClick={() => go({ tab: 'list', state: 'failed', name }, { push: true })}
                      >
                        {texts.showThem}
                      </Button>
                      <Button
                        size="small"
                        operation="tasks.retryAll"
                        onClick={() => setAsks({ verb: 'retry', name })}
                      >
                        {texts.retryAll}
                      </Button>
                      <Button
                        size="small"
                        look="danger"
                        operation="tasks.discardAll"
                        onClick={() => setAsks({ verb: 'discard', name })}
                      >
                        {texts.discardAll}
                      </Button>
                    </span>
                  </div>
                  {own.map((group) => (
                    <Reason key={group.task} group={group} share={group.tasks / most} />
                  ))}
                </li>
              ))}
            </ul>
            <Dialog
              open={asks !== null}
              onClose={close}
              size="small"
              title={
                asks?.verb === 'discard'
                  ? texts.discardTitle(asks.name)
                  : texts.retryTitle(asks?.name ?? '')
              }
              note={asks?.verb === 'discard' ? texts.discardNote : texts.retryNote}
              actions={
                <>
                  <Button look="quiet" onClick={close}>
                    {common.cancel}
                  </Button>
                  {asks?.verb === 'discard' ? (
                    <Button
                      look="danger"
                      busy={discard.isPending}
                      onClick={() => discard.mutate({ name: asks.name })}
                    >
                      {texts.discardAll}
                    </Button>
                  ) : (
                    <Button
                      look="primary"
                      busy={retry.isPending}
                      onClick={() => asks && retry.mutate({ name: asks.name })}
                    >
                      {texts.retryAll}
                    </Button>
                  )}
                </>
              }
            />
          </Card>
        )
      }}
    </Answer>
  )
}

function Reason({ group, share }: { readonly group: Group; readonly share: number }) {
  const tenant = useTenant() ?? ''
  return (
    <div className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-3 text-sm">
      <div
        role="img"
        aria-label={texts.deadBar(group.code ?? texts.noCode, formatCount(group.tasks))}
        className="h-2.5 overflow-hidden rounded-xs bg-sunken"
      >
        <div className="h-full min-w-0.5 rounded-xs bg-bad" style={{ width: `${share * 100}%` }} />
      </div>
      <span className="num w-14 text-right text-xs text-soft">{formatCount(group.tasks)}</span>
      <p className="col-span-2 mt-0.5 text-xs text-soft [overflow-wrap:anywhere]">
        <code className="font-mono">{group.code ?? texts.noCode}</code>
        {group.message !== null && ` · ${group.message.slice(0, 300)}`}{' '}
        <Link
          to="/t/$tenant/tasks/$task"
          params={{ tenant, task: group.task }}
          className="whitespace-nowrap text-accent underline"
        >
          {texts.newest}
        </Link>{' '}
        <Time at={group.newestAt} />
      </p>
    </div>
  )
}
