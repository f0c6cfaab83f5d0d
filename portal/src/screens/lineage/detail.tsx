import { X } from 'lucide-react'

import { useTenant } from '~/api/access.ts'
import { qualityOf } from '~/screens/lineage/box.tsx'
import {
  isGhost,
  newestOf,
  rowsOf,
  statesOf,
  wayOf,
  type Box,
  type Picture,
} from '~/screens/lineage/model.ts'
import { common } from '~/texts/common.ts'
import { lineageTexts as texts } from '~/texts/lineage.ts'
import { Button, ButtonLink, IconButton } from '~/ui/button.tsx'
import { formatCount, formatDuration } from '~/ui/format.ts'
import { KindIcon } from '~/ui/kind-icon.tsx'
import { Status, StatusMark } from '~/ui/status.tsx'
import { Time } from '~/ui/time.tsx'

/** What is known of the chosen box, and the ways behind it. */
export function Detail({
  box,
  picture,
  onChoose,
  onOpen,
  onClose,
}: {
  readonly box: Box
  readonly picture: Picture
  readonly onChoose: (id: string) => void
  readonly onOpen: (box: Box) => void
  readonly onClose: () => void
}) {
  const tenant = useTenant() ?? ''
  const way = wayOf(picture.lines, box.id)
  const states = statesOf(box.nodes)
  const rows = rowsOf(box.nodes)
  const newest = newestOf(box.nodes)
  const [only] = box.nodes
  const isDataset = box.kind === 'source' || box.kind === 'analysis'
  return (
    <aside className="flex min-h-0 w-full flex-col gap-3 overflow-y-auto border-t border-line bg-surface p-4 text-sm lg:absolute lg:top-2 lg:right-2 lg:max-h-[calc(100%-1rem)] lg:w-72 lg:rounded-lg lg:border lg:shadow-high">
      <header className="flex items-start gap-2">
        <div className="min-w-0 grow">
          <p className="flex items-center gap-1.5 text-xs text-faint">
            <KindIcon kind={box.kind} />
            {box.kind === 'group' ? texts.ofGroup(box.nodes.length) : texts.kinds[box.kind]}
            {only?.grain && <span>· {only.grain}</span>}
          </p>
          <h2 className="font-semibold [overflow-wrap:anywhere]">{box.name}</h2>
        </div>
        <IconButton label={common.close} onClick={onClose}>
          <X size={16} />
        </IconButton>
      </header>
      {box.nodes.length === 1 && only?.description !== '' && (
        <p className="line-clamp-5 text-soft [overflow-wrap:anywhere]">{only?.description}</p>
      )}
      {isGhost(box.nodes) && <p className="text-soft">{texts.ghostNote}</p>}
      {states.length > 0 && (
        <ul className="flex flex-col gap-1">
          {states.map(([state, count]) => (
            <li key={state} className="num flex items-center gap-2">
              <StatusMark state={state} />
              <span className="grow">{texts.states[state]}</span>
              {formatCount(count)}
            </li>
          ))}
        </ul>
      )}
      {newest !== null && (
        <dl className="num grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-soft">
          <dt>{texts.rows}</dt>
          <dd className="text-right">{rows === null ? texts.notSeen : formatCount(rows)}</dd>
          {box.nodes.length === 1 && only?.lastMs != null && (
            <>
              <dt>{texts.lastTook}</dt>
              <dd className="text-right">{formatDuration(Number(only.lastMs))}</dd>
            </>
          )}
          <dt>{texts.published}</dt>
          <dd className="text-right">
            <Time at={newest} />
          </dd>
        </dl>
      )}
      {box.nodes.some(({ freshness }) => freshness?.state === 'breached') && (
        <div>
          <Status state="breached" label={texts.breached} />
        </div>
      )}
      {states.length > 0 && <p className="text-xs text-faint">{qualityOf(box.nodes)}</p>}
      <Neighbours
        title={texts.reads}
        none={texts.nothingAbove}
        lines={picture.lines
          .filter(({ to }) => to === box.id)
          .map(({ from, reads }) => ({ id: from, reads }))}
        {...{ picture, onChoose }}
      />
      <Neighbours
        title={texts.feeds}
        none={texts.nothingBelow}
        lines={picture.lines
          .filter(({ from }) => from === box.id)
          .map(({ to, reads }) => ({ id: to, reads }))}
        {...{ picture, onChoose }}
      />
      <p className="text-xs text-faint">{texts.path(way.above.size, way.below.size)}</p>
      <div className="flex flex-wrap gap-2">
        <Button look="primary" size="small" onClick={() => onOpen(box)}>
          {box.kind === 'group' ? texts.unfold : texts.open}
        </Button>
        {isDataset && (
          <ButtonLink
            size="small"
            to="/t/$tenant/matrix"
            params={{ tenant }}
            search={{ q: box.name }}
          >
            {texts.openPartitions}
          </ButtonLink>
        )}
      </div>
    </aside>
  )
}

function Neighbours({
  title,
  none,
  lines,
  picture,
  onChoose,
}: {
  readonly title: string
  readonly none: string
  readonly lines: readonly { readonly id: string; readonly reads: readonly string[] }[]
  readonly picture: Picture
  readonly onChoose: (id: string) => void
}) {
  return (
    <div>
      <h3 className="text-xs font-medium text-faint">{title}</h3>
      {lines.length === 0 && <p className="text-xs text-soft">{none}</p>}
      <ul>
        {lines.map(({ id, reads }) => {
          const other = picture.boxes.find((one) => one.id === id)
          return (
            <li key={id}>
              <button
                type="button"
                onClick={() => onChoose(id)}
                className="flex w-full items-baseline gap-2 rounded px-1 py-0.5 text-left hover:bg-sunken"
              >
                <span className="min-w-0 truncate">{other?.name}</span>
                <span
                  className="ml-auto max-w-40 truncate text-xs text-faint"
                  title={reads.join(', ')}
                >
                  {reads.join(', ')}
                </span>
              </button>
            </li>
          )
        })}
      </ul>
    </div>
  )
}
