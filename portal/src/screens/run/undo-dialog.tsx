import { useChange, useOperation } from '~/api/operation.ts'
import type { OutputOf } from '~/api/client.ts'
import { common } from '~/texts/common.ts'
import { runTexts as texts } from '~/texts/run.ts'
import { Button } from '~/ui/button.tsx'
import { DataTable, type Column } from '~/ui/data-table.tsx'
import { Dialog } from '~/ui/dialog.tsx'
import { formatCount } from '~/ui/format.ts'
import { Answer, Empty } from '~/ui/states.tsx'
import { showDone } from '~/ui/toast.tsx'

type Place = OutputOf<'runs.undoPreview'>['partitions'][number]

/** What undoing would put back, before it is done. */
export function UndoDialog({
  run,
  onClose,
}: {
  readonly run: string
  readonly onClose: () => void
}) {
  const preview = useOperation('runs.undoPreview', { run })
  const undo = useChange('runs.undo', {
    onDone: ({ restored }) => {
      onClose()
      showDone(texts.undoDone(restored.length))
    },
  })
  return (
    <Dialog
      open
      onClose={onClose}
      size="wide"
      title={texts.undoTitle}
      note={texts.undoNote}
      actions={
        <>
          <Button look="quiet" onClick={onClose}>
            {common.cancel}
          </Button>
          <Button
            look="danger"
            disabled={!preview.data?.restored}
            busy={undo.isPending}
            onClick={() => undo.mutate({ run })}
          >
            {texts.undoDo}
          </Button>
        </>
      }
    >
      <Answer of={preview}>
        {({ restored, kept, partitions }) =>
          restored + kept === 0 ? (
            <Empty title={texts.undoNothing} />
          ) : (
            <>
              <p className="mb-2 text-sm text-soft">
                {texts.undoCounts(formatCount(restored), formatCount(kept))}
              </p>
              <DataTable
                label={texts.undoTitle}
                columns={columns}
                rows={partitions}
                rowKey={({ dataset, partition }) => `${dataset} ${partition}`}
                height={320}
              />
              {restored + kept > partitions.length && (
                <p className="mt-2 text-xs text-faint">
                  {texts.moreLeftOut(restored + kept - partitions.length)}
                </p>
              )}
            </>
          )
        }
      </Answer>
    </Dialog>
  )
}

const columns: readonly Column<Place>[] = [
  { id: 'dataset', title: texts.dataset, width: 'auto', cell: ({ dataset }) => dataset },
  { id: 'partition', title: texts.partition, width: 150, cell: ({ partition }) => partition },
  {
    id: 'becomes',
    title: texts.becomes,
    width: 260,
    cell: ({ becomes, byRun }) =>
      becomes === 'former'
        ? texts.toFormer
        : becomes === 'nothing'
          ? texts.toNothing
          : byRun === null
            ? texts.keptSwept
            : texts.keptBy(byRun),
  },
]
