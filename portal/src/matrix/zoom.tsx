import { Maximize2, ZoomIn, ZoomOut } from 'lucide-react'

import type { ViewStore } from '~/matrix/view-store.ts'
import { zoomed, type View } from '~/matrix/view.ts'
import { matrixTexts as texts } from '~/texts/matrix.ts'
import { IconButton } from '~/ui/button.tsx'
import { Segments } from '~/ui/segments.tsx'

const STEP = 0.5

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
