import { useTenant } from '~/api/access.ts'
import { useOperation } from '~/api/operation.ts'
import { readPlace } from '~/matrix/places.ts'
import { matrixTexts as texts } from '~/texts/matrix.ts'
import { Button, ButtonLink } from '~/ui/button.tsx'
import { Drawer } from '~/ui/dialog.tsx'
import { formatCount } from '~/ui/format.ts'
import { RunLink } from '~/ui/run-link.tsx'
import { Answer } from '~/ui/states.tsx'
import { Status } from '~/ui/status.tsx'
import { Time } from '~/ui/time.tsx'

/** One partition: its state and why, what is served, what it has been. */
export function SquareDrawer({
  place,
  isSource,
  onClose,
  onRerun,
}: {
  readonly place: string
  /** Of the place's dataset. */
  readonly isSource: boolean
  readonly onClose: () => void
  readonly onRerun: () => void
}) {
  const squares = useOperation('matrix.squares', { places: [place], limit: 1 })
  const dataset = readPlace(place)?.dataset ?? place
  const [square] = squares.data?.squares ?? []
  const tenant = useTenant() ?? ''
  return (
    <Drawer
      open
      size="normal"
      onClose={onClose}
      title={square ? texts.detail(dataset, square.partition) : dataset}
      actions={
        <>
          {isSource ? (
            <ButtonLink to="/t/$tenant/sources/$source" params={{ tenant, source: dataset }}>
              {texts.openDataset}
            </ButtonLink>
          ) : (
            <ButtonLink to="/t/$tenant/analyses/$dataset" params={{ tenant, dataset }}>
              {texts.openDataset}
            </ButtonLink>
          )}
          <Button look="primary" operation="runs.start" onClick={onRerun}>
            {texts.rerun(1)}
          </Button>
        </>
      }
    >
      <Answer of={squares}>
        {() =>
          square && (
            <div className="flex flex-col gap-4 text-sm">
              <div>
                <Status state={square.state} label={texts.states[square.state]} />
                <p className="mt-2 text-soft">{texts.meanings[square.state]}</p>
                <ul className="mt-1 flex list-disc flex-col gap-0.5 pl-5">
                  {square.causes.map((cause) => (
                    <li key={cause} className="[overflow-wrap:anywhere]">
                      {cause}
                    </li>
                  ))}
                </ul>
                {square.openRun !== null && (
                  <p className="mt-2">
                    {texts.worksOn} <RunLink run={square.openRun} short />
                  </p>
                )}
              </div>
              <Versions dataset={dataset} partition={square.partition} />
            </div>
          )
        }
      </Answer>
    </Drawer>
  )
}

function Versions({
  dataset,
  partition,
}: {
  readonly dataset: string
  readonly partition: string
}) {
  const versions = useOperation('datasets.versions', { dataset, partition, limit: 50 })
  return (
    <section>
      <h3 className="mb-2 text-xs font-medium text-soft">{texts.versions}</h3>
      <Answer of={versions}>
        {({ versions: list }) =>
          list.length === 0 ? (
            <p className="text-faint">{texts.noVersion}</p>
          ) : (
            <ol className="flex flex-col">
              {list.map((move) => (
                <li
                  key={move.commit}
                  className="flex flex-wrap items-baseline gap-x-3 border-t border-line py-1.5"
                >
                  <span className="num font-medium">{move.version ?? '–'}</span>
                  <span className="num text-soft">
                    {move.rows === null
                      ? texts.noVersion
                      : `${formatCount(move.rows)} ${texts.columns.rows.toLowerCase()}`}
                  </span>
                  {move.isCurrent && <span className="text-xs text-good">{texts.servedNow}</span>}
                  <span className="ml-auto text-xs text-faint">
                    <Time at={move.at} />
                  </span>
                  {move.run !== null && <RunLink run={move.run} short />}
                </li>
              ))}
            </ol>
          )
        }
      </Answer>
    </section>
  )
}
