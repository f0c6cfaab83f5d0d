import { Toast } from '@base-ui/react/toast'
import { X } from 'lucide-react'

import { common } from '~/texts/common.ts'
import { IconButton } from '~/ui/button.tsx'
import { classes } from '~/ui/classes.ts'
import { wordsOf } from '~/ui/states.tsx'

const manager = Toast.createToastManager()

/** A short word on what was done; goes by itself. */
export function showDone(title: string, description?: string): void {
  manager.add({ title, description, type: 'done' })
}

/** What went wrong and what to do; stays until it is put away. */
export function showProblem(error: unknown): void {
  const { text, remedy } = wordsOf(error, navigator.onLine)
  manager.add({ title: text, description: remedy, type: 'problem', timeout: 0, priority: 'high' })
}

export function Toasts() {
  return (
    <Toast.Provider toastManager={manager}>
      <Toast.Portal>
        <Toast.Viewport className="fixed right-4 bottom-4 z-50 flex w-90 max-w-[calc(100vw-2rem)] flex-col gap-2">
          <List />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  )
}

function List() {
  const { toasts } = Toast.useToastManager()
  return toasts.map((toast) => (
    <Toast.Root
      key={toast.id}
      toast={toast}
      className={classes(
        'flex items-start gap-2 rounded-lg border bg-raised py-2 pr-1 pl-4 text-sm shadow-high',
        toast.type === 'problem' ? 'border-bad' : 'border-line',
      )}
    >
      <div className="min-w-0 grow py-1 [overflow-wrap:anywhere]">
        <Toast.Title className={classes('font-medium', toast.type === 'problem' && 'text-bad')} />
        <Toast.Description className="text-soft" />
      </div>
      <Toast.Close render={<IconButton label={common.close} />}>
        <X size={16} />
      </Toast.Close>
    </Toast.Root>
  ))
}
