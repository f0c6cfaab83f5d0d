import { FirstSteps } from '~/screens/home/first-steps.tsx'
import { FreshnessStrip } from '~/screens/home/freshness-strip.tsx'
import { Headlines } from '~/screens/home/headlines.tsx'
import { OpenProblems } from '~/screens/home/open-problems.tsx'
import { WhatsNew } from '~/screens/home/whats-new.tsx'
import { homeTexts as texts } from '~/texts/home.ts'
import { Page } from '~/ui/page.tsx'

/** How things stand, what is new, and what is not as it should be. */
export function Screen() {
  return (
    <Page
      title={texts.title}
      note={texts.note}
      copy={{ call: { operation: 'home.figures', input: {} } }}
    >
      <FirstSteps />
      <Headlines />
      <FreshnessStrip />
      <div className="grid min-w-0 items-start gap-4 lg:grid-cols-2">
        <OpenProblems />
        <WhatsNew />
      </div>
    </Page>
  )
}
