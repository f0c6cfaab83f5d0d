import { Maximize2, ZoomIn, ZoomOut } from 'lucide-react'

import type { ViewStore } from '~/screens/matrix/grid/view-store.ts'
import { zoomed, type View } from '~/screens/matrix/grid/view.ts'
import { matrixTexts as texts } from '~/texts/matrix.ts'
import { IconButton } from '~/ui/button.tsx'
import { TextField } from '~/ui/field.tsx'
import { Segments } from '~/ui/segments.tsx'

const STEP = 0.5

/** Finding rows, and ways to move that need no wheel. */
export function Toolbar({
  search,
  onSearch,
  isTable,
  onTable,
  isHand,
  onHand,
  store,
  extent,
  isBehind,
}: {
  readonly search: string
  readonly onSearch: (search: string) => void
  readonly isTable: boolean
  readonly onTable: (isTable: boolean) => void
  readonly isHand: boolean
  readonly onHand: (isHand: boolean) => void
  readonly store: ViewStore
  readonly extent: View | null
  readonly isBehind: boolean
}) {
  return (
    <div className="flex flex-wrap items-center gap-2 px-4 py-2.5">
      <div className="w-60 max-sm:w-full">
        <TextField
          quiet
          type="search"
          label={texts.search}
          placeholder={texts.search}
          value={search}
          onChange={onSearch}
        />
      </div>
      <span className="mr-auto text-xs text-faint" role="status">
        {isBehind && texts.behind}
      </span>
      {!isTable && <Zoom store={store} extent={extent} isHand={isHand} onHand={onHand} />}
      <Segments
        label={texts.view}
        value={isTable ? 'table' : 'picture'}
        onChange={(next) => onTable(next === 'table')}
        segments={(['picture', 'table'] as const).map((value) => ({
          value,
          label: texts.views[value],
        }))}
      />
    </div>
  )
}

/** What dragging does, and zooming without a wheel. */
export function Zoom({
  store,
  extent,
  isHand,
  onHand,
}: {
  readonly store: ViewStore
  readonly extent: View | null
  readonly isHand: boolean
  readonly onHand: (isHand: boolean) => void
}) {
  const zoom = (factor: number) => {
    const view = store.get()
    if (view && extent) store.set(zoomed(view, 1000, 500, factor, extent))
  }
  return (
    <>
      <Segments
        label={texts.drag}
        value={isHand ? 'hand' : 'select'}
        onChange={(next) => onHand(next === 'hand')}
        segments={(['select', 'hand'] as const).map((value) => ({
          value,
          label: texts.drags[value],
        }))}
      />
      <div className="flex">
        <IconButton label={texts.zoomOut} onClick={() => zoom(1 / STEP)}>
          <ZoomOut size={16} />
        </IconButton>
        <IconButton label={texts.zoomIn} onClick={() => zoom(STEP)}>
          <ZoomIn size={16} />
        </IconButton>
        <IconButton label={texts.fit} onClick={() => extent && store.fit(extent)}>
          <Maximize2 size={16} />
        </IconButton>
      </div>
    </>
  )
}
