import { common } from '~/texts/common.ts'
import { settingsTexts as texts } from '~/texts/settings.ts'
import { Button } from '~/ui/button.tsx'

/** Saves what was changed, or takes it back. */
export function SaveBar({
  isChanged,
  isWrong = false,
  busy,
  onSave,
  onUndo,
}: {
  readonly isChanged: boolean
  readonly isWrong?: boolean
  readonly busy: boolean
  readonly onSave: () => void
  readonly onUndo: () => void
}) {
  return (
    <div className="mt-5 flex flex-wrap items-center gap-2">
      <Button
        look="primary"
        operation="tenants.configure"
        busy={busy}
        disabled={!isChanged || isWrong}
        onClick={onSave}
      >
        {common.save}
      </Button>
      {isChanged && (
        <>
          <Button look="quiet" onClick={onUndo}>
            {texts.undo}
          </Button>
          <span role="status" className="text-xs text-faint">
            {texts.unsaved}
          </span>
        </>
      )}
    </div>
  )
}
