import { HardDriveUpload, Plus } from 'lucide-react'
import { useState } from 'react'

import { useChange, useOperationPages } from '~/api/operation.ts'
import { TargetEditor } from '~/screens/keys/target-editor.tsx'
import { placeOf } from '~/screens/keys/target-fields.ts'
import type { Target } from '~/screens/keys/target.ts'
import { common } from '~/texts/common.ts'
import { targets as words } from '~/texts/targets.ts'
import { Button } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { Dialog } from '~/ui/dialog.tsx'
import { Answer, Empty } from '~/ui/states.tsx'
import { Time } from '~/ui/time.tsx'
import { showDone } from '~/ui/toast.tsx'

/** Places that deliveries and reports may go to. */
export function Targets() {
  const pages = useOperationPages('targets.list', { limit: 100 }, { cursorField: 'after' })
  const [editing, setEditing] = useState<Target | 'new'>()
  const [removing, setRemoving] = useState<string>()
  const all = pages.data?.pages.flatMap((page) => page.targets) ?? []
  return (
    <Card
      flush
      actions={
        <Button
          look="primary"
          size="small"
          icon={<Plus size={14} />}
          operation="targets.set"
          onClick={() => setEditing('new')}
        >
          {words.create}
        </Button>
      }
    >
      <Answer of={pages}>
        {() =>
          all.length === 0 ? (
            <Empty title={words.empty} icon={<HardDriveUpload size={22} />}>
              {words.emptyHint}
            </Empty>
          ) : (
            <ul>
              {all.map((target) => (
                <Row
                  key={target.target}
                  target={target}
                  onEdit={() => setEditing(target)}
                  onRemove={() => setRemoving(target.target)}
                />
              ))}
            </ul>
          )
        }
      </Answer>
      {pages.hasNextPage && (
        <div className="flex justify-center p-3">
          <Button onClick={() => void pages.fetchNextPage()}>{common.showMore}</Button>
        </div>
      )}
      {editing !== undefined && (
        <TargetEditor
          own={editing === 'new' ? null : editing}
          onClose={() => setEditing(undefined)}
        />
      )}
      {removing !== undefined && (
        <Removing target={removing} onClose={() => setRemoving(undefined)} />
      )}
    </Card>
  )
}

function Row({
  target,
  onEdit,
  onRemove,
}: {
  readonly target: Target
  readonly onEdit: () => void
  readonly onRemove: () => void
}) {
  const { target: name, kind, changedAt } = target
  const test = useChange('targets.test', { onDone: ({ did }) => showDone(words.tested(did)) })
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 border-t border-line px-4 py-3 text-sm">
      <div className="mr-auto min-w-0">
        <p className="truncate font-medium">
          {name} <span className="text-xs font-normal text-faint">{words.kinds[kind]}</span>
        </p>
        <code className="block truncate font-mono text-xs text-soft" title={placeOf(target)}>
          {placeOf(target)}
        </code>
        <p className="text-xs text-faint">
          {words.changed} <Time at={changedAt} />
        </p>
      </div>
      <div className="flex flex-wrap gap-2">
        <Button
          size="small"
          operation="targets.test"
          busy={test.isPending}
          aria-label={`${words.test}: ${name}`}
          onClick={() => test.mutate({ target: name })}
        >
          {words.test}
        </Button>
        <Button
          size="small"
          operation="targets.set"
          aria-label={`${words.edit}: ${name}`}
          onClick={onEdit}
        >
          {words.edit}
        </Button>
        <Button
          size="small"
          look="danger"
          operation="targets.remove"
          aria-label={`${words.remove}: ${name}`}
          onClick={onRemove}
        >
          {words.remove}
        </Button>
      </div>
    </li>
  )
}

function Removing({ target, onClose }: { readonly target: string; readonly onClose: () => void }) {
  const remove = useChange('targets.remove', {
    onDone: () => {
      showDone(words.removed(target))
      onClose()
    },
  })
  return (
    <Dialog
      open
      size="small"
      onClose={onClose}
      title={words.removeTitle(target)}
      note={words.removeNote}
      actions={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button look="danger" busy={remove.isPending} onClick={() => remove.mutate({ target })}>
            {words.remove}
          </Button>
        </>
      }
    />
  )
}
