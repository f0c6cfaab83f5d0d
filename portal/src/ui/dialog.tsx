import { Dialog as Base } from '@base-ui/react/dialog'
import { X } from 'lucide-react'
import type { ReactNode } from 'react'

import { common } from '~/texts/common.ts'
import { IconButton } from '~/ui/button.tsx'
import { classes } from '~/ui/classes.ts'
import { CopyOpened } from '~/ui/copy-as.tsx'

interface DialogProps {
  readonly open: boolean
  readonly onClose: () => void
  readonly title: ReactNode
  /** One sentence: what it does. */
  readonly note?: ReactNode
  /** Buttons at the foot; the one that acts comes last. */
  readonly actions?: ReactNode
  readonly size?: 'small' | 'normal' | 'wide'
  readonly children?: ReactNode
}

const widths = { small: 'w-96', normal: 'w-140', wide: 'w-220' }

/** A question that has to be answered first. Escape and a click outside close it. */
export function Dialog({ size = 'normal', ...rest }: DialogProps) {
  return (
    <Overlay
      {...rest}
      place={classes(
        'top-1/2 left-1/2 max-h-[calc(100dvh-2rem)] max-w-[calc(100vw-2rem)] -translate-x-1/2 -translate-y-1/2 rounded-xl',
        widths[size],
      )}
    />
  )
}

/** What belongs to a thing on the screen, from the side; the screen stays where it is. */
export function Drawer({ size = 'normal', ...rest }: DialogProps) {
  return (
    <Overlay
      {...rest}
      isView
      place={classes('inset-y-0 right-0 h-dvh max-w-full rounded-l-xl', widths[size])}
    />
  )
}

function Overlay({
  open,
  onClose,
  title,
  note,
  actions,
  place,
  isView = false,
  children,
}: Omit<DialogProps, 'size'> & {
  readonly place: string
  /** It shows something, which can be copied. */
  readonly isView?: boolean
}) {
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 bg-black/40 transition-opacity data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <Base.Popup
          className={classes(
            'fixed z-50 flex flex-col border border-line bg-raised shadow-high transition data-ending-style:opacity-0 data-starting-style:opacity-0',
            place,
          )}
        >
          <header className="flex items-start gap-2 py-3 pr-2 pl-5">
            <div className="min-w-0 grow">
              <Base.Title className="pt-1 text-base font-semibold [overflow-wrap:anywhere]">
                {title}
              </Base.Title>
              {note !== undefined && (
                <Base.Description className="text-sm text-soft">{note}</Base.Description>
              )}
            </div>
            {isView && <CopyOpened />}
            <Base.Close render={<IconButton label={common.close} />}>
              <X size={18} />
            </Base.Close>
          </header>
          <div className="min-h-0 grow overflow-y-auto px-5 pb-4">{children}</div>
          {actions !== undefined && (
            <footer className="flex flex-wrap items-center justify-end gap-2 border-t border-line px-5 py-3">
              {actions}
            </footer>
          )}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  )
}
