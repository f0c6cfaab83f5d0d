import { useState } from 'react'

import { useSetAddress } from '~/app/address.ts'
import { exploreTexts as texts } from '~/texts/explore.ts'
import { Button } from '~/ui/button.tsx'
import { TextField } from '~/ui/field.tsx'

/** Which partitions of a dataset are read. */
export function PartitionField({ value }: { readonly value: string | null }) {
  const set = useSetAddress()
  const [draft, setDraft] = useState(value ?? '')
  const isChanged = draft.trim() !== (value ?? '')
  return (
    <form
      className="flex items-start gap-3"
      onSubmit={(event) => {
        event.preventDefault()
        const text = draft.trim()
        set({ partition: text === '' ? undefined : text }, { push: true })
      }}
    >
      <div className="w-full max-w-80">
        <TextField
          label={texts.partition}
          hint={texts.partitionHint}
          value={draft}
          onChange={setDraft}
        />
      </div>
      <div className="pt-5">
        <Button type="submit" look={isChanged ? 'primary' : 'plain'} disabled={!isChanged}>
          {texts.apply}
        </Button>
      </div>
    </form>
  )
}
