import { steps, type Step } from '~/screens/operate-tenant-new/draft.ts'
import { newTenantTexts as texts } from '~/texts/tenant-new.ts'
import { classes } from '~/ui/classes.ts'
import { StatusMark } from '~/ui/status.tsx'

/** Where one is; steps up to the first that is not good can be gone to. */
export function StepList({
  step,
  open,
  onStep,
}: {
  readonly step: Step | 'test'
  readonly open: Step
  readonly onStep?: ((step: Step) => void) | undefined
}) {
  const all = [...steps, 'test'] as const
  const here = all.indexOf(step)
  return (
    <ol className="flex gap-1 overflow-x-auto md:flex-col">
      {all.map((one, at) => {
        const mayGo = onStep !== undefined && one !== 'test' && at <= steps.indexOf(open)
        const state = at === here ? 'running' : at < here ? 'done' : 'waiting'
        return (
          <li key={one} className="shrink-0">
            <button
              type="button"
              disabled={!mayGo}
              aria-current={at === here ? 'step' : undefined}
              onClick={() => one !== 'test' && onStep?.(one)}
              className={classes(
                'flex h-8 w-full items-center gap-2.5 rounded-md px-2.5 text-left text-sm whitespace-nowrap',
                at === here ? 'bg-accent-soft font-medium' : 'text-soft',
                mayGo && at !== here && 'hover:bg-sunken',
              )}
            >
              <StatusMark state={state} />
              {texts.steps[one]}
            </button>
          </li>
        )
      })}
    </ol>
  )
}
