import { Link } from '@tanstack/react-router'
import { useState, type ComponentType } from 'react'

import type { OutputOf } from '~/api/client.ts'
import { useChange } from '~/api/operation.ts'
import { useAddressState } from '~/browser/address.ts'
import {
  firstOpen,
  problemsOf,
  steps,
  toInput,
  type Step,
} from '~/screens/operate-tenant-new/draft.ts'
import {
  DetailsStep,
  PacksStep,
  PlaceStep,
  type StepProps,
} from '~/screens/operate-tenant-new/fields.tsx'
import { MadeNote } from '~/screens/operate-tenant-new/made-note.tsx'
import { MakeStep } from '~/screens/operate-tenant-new/make-step.tsx'
import { LimitsStep, LooksStep, SourcesStep } from '~/screens/operate-tenant-new/more-fields.tsx'
import { StepList } from '~/screens/operate-tenant-new/step-list.tsx'
import { TryStep } from '~/screens/operate-tenant-new/try-step.tsx'
import { useDraft } from '~/screens/operate-tenant-new/use-draft.ts'
import { newTenantTexts as texts } from '~/texts/tenant-new.ts'
import { Button } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { Page } from '~/ui/page.tsx'
import { Problem } from '~/ui/states.tsx'

type Made = OutputOf<'tenants.create'>

const fieldsOf: Record<Step, ComponentType<StepProps>> = {
  details: DetailsStep,
  place: PlaceStep,
  packs: PacksStep,
  sources: SourcesStep,
  limits: LimitsStep,
  looks: LooksStep,
  make: MakeStep,
}

/** A tenant step by step; then its first data and first chart. The address says which tenant is tried. */
export function Screen() {
  const [slug, setSlug] = useAddressState('tenant', '')
  const [made, setMade] = useState<Made | null>(null)
  return (
    <Page
      title={texts.title}
      note={texts.note}
      above={
        <Link to="/operate/tenants" className="hover:text-ink">
          {texts.back}
        </Link>
      }
    >
      {slug === '' ? (
        <Wizard
          onMade={(tenant) => {
            setMade(tenant)
            setSlug(tenant.slug)
          }}
        />
      ) : (
        <Framed step="test">
          <MadeNote slug={slug} made={made?.slug === slug ? made : null} />
          <TryStep slug={slug} />
        </Framed>
      )}
    </Page>
  )
}

function Framed({
  step,
  open = 'make',
  onStep,
  children,
}: {
  readonly step: Step | 'test'
  readonly open?: Step
  readonly onStep?: (step: Step) => void
  readonly children: React.ReactNode
}) {
  return (
    <div className="grid min-w-0 items-start gap-4 md:grid-cols-[13rem_minmax(0,1fr)]">
      <StepList {...{ step, open, onStep }} />
      <div className="flex min-w-0 flex-col gap-4">{children}</div>
    </div>
  )
}

function Wizard({ onMade }: { readonly onMade: (made: Made) => void }) {
  const { draft, change, forget, wasBegun } = useDraft()
  const [shown, setShown] = useState<Step | null>(null)
  const create = useChange('tenants.create', {
    quiet: true,
    onDone: (made) => {
      forget()
      onMade(made)
    },
  })
  const { step } = draft
  const at = steps.indexOf(step)
  const problems = problemsOf(draft, step)
  const open = firstOpen(draft)
  const Fields = fieldsOf[step]
  const next = () => {
    if (Object.keys(problems).length > 0) return setShown(step)
    const following = steps[at + 1]
    if (following !== undefined) change({ step: following })
    else if (open === 'make') create.mutate(toInput(draft))
    else change({ step: open })
  }
  return (
    <Framed {...{ step, open }} onStep={(to) => change({ step: to })}>
      <Card
        title={texts.steps[step]}
        note={texts.stepLabel(at + 1, steps.length)}
        actions={
          wasBegun && (
            <Button size="small" look="quiet" title={texts.goOn} onClick={forget}>
              {texts.startOver}
            </Button>
          )
        }
      >
        <form
          className="flex flex-col gap-5"
          noValidate
          onSubmit={(event) => {
            event.preventDefault()
            next()
          }}
        >
          <Fields {...{ draft, change }} problems={shown === step ? problems : {}} />
          {create.error && <Problem error={create.error} />}
          <div className="flex gap-2">
            {at > 0 && (
              <Button onClick={() => change({ step: steps[at - 1] ?? 'details' })}>
                {texts.former}
              </Button>
            )}
            <Button type="submit" look="primary" busy={create.isPending}>
              {step === 'make' ? texts.make.go : texts.next}
            </Button>
          </div>
        </form>
      </Card>
    </Framed>
  )
}
