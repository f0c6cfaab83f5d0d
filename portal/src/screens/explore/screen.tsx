import { useMemo } from 'react'

import { useAddressValues } from '~/browser/address.ts'
import { questionOf } from '~/rows/question.ts'
import { Explored } from '~/screens/explore/explored.tsx'
import { SubjectGallery } from '~/screens/explore/subject-gallery.tsx'
import { exploreTexts as texts } from '~/texts/explore.ts'
import { Page } from '~/ui/page.tsx'

/** Any published answer or dataset: as a picture and as rows, filtered, compared, taken along. */
export function Screen() {
  const address = useAddressValues()
  const question = useMemo(() => questionOf(address), [address])
  if (question === null) {
    return (
      <Page
        title={texts.title}
        note={texts.note}
        copy={{ call: { operation: 'datasets.list', input: {} } }}
      >
        <SubjectGallery />
      </Page>
    )
  }
  const { kind, name } = question.subject
  return <Explored key={`${kind} ${name}`} question={question} address={address} />
}
