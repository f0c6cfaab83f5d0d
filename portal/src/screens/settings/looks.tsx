import { ImageUp } from 'lucide-react'
import { useRef, useState } from 'react'

import { tenantColours, type Tint } from '#charts/tenant-colours.ts'
import { useChange } from '~/api/operation.ts'
import {
  LOGO_BYTES_MAX,
  logoProblem,
  logoTypes,
  toDataAddress,
} from '~/screens/settings/logo-file.ts'
import { SaveBar } from '~/screens/settings/save-bar.tsx'
import type { TenantSettings } from '~/screens/settings/tenant-settings.ts'
import { settingsTexts } from '~/texts/settings.ts'
import { Button } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { Field, TextField } from '~/ui/field.tsx'
import { formatBytes } from '~/ui/format.ts'
import { showDone } from '~/ui/toast.tsx'

const texts = settingsTexts.looks
const OWN_COLOUR = '#1d4fd8'
const HEX = /^#[0-9a-f]{6}$/i

/** Logo and colour, seen in both themes before they are saved. */
export function Looks({ settings }: { readonly settings: TenantSettings }) {
  const [logo, setLogo] = useState(settings.logo)
  const [colour, setColour] = useState(settings.colour)
  const save = useChange('tenants.configure', { onDone: () => showDone(settingsTexts.saved) })
  const isHex = colour === null || HEX.test(colour)
  const isChanged = logo !== settings.logo || colour !== settings.colour
  return (
    <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-2">
      <Card>
        <div className="flex flex-col gap-6">
          <LogoField logo={logo} onChange={setLogo} />
          <ColourField colour={colour} onChange={setColour} isHex={isHex} />
        </div>
        <SaveBar
          isChanged={isChanged}
          isWrong={!isHex}
          busy={save.isPending}
          onSave={() =>
            save.mutate({
              slug: settings.slug,
              ...(logo !== settings.logo && { logo }),
              ...(colour !== settings.colour && { colour }),
            })
          }
          onUndo={() => {
            setLogo(settings.logo)
            setColour(settings.colour)
          }}
        />
      </Card>
      <Preview
        name={settings.name}
        logo={logo}
        colour={colour !== null && isHex ? colour : OWN_COLOUR}
      />
    </div>
  )
}

function LogoField({
  logo,
  onChange,
}: {
  readonly logo: string | null
  readonly onChange: (logo: string | null) => void
}) {
  const input = useRef<HTMLInputElement>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const take = async (file: File | undefined) => {
    if (file === undefined) return
    const wrong = logoProblem(file)
    setProblem(
      wrong === 'size'
        ? texts.tooLarge(formatBytes(file.size))
        : wrong === 'kind'
          ? texts.wrongKind
          : null,
    )
    if (wrong === null) onChange(await toDataAddress(file))
  }
  return (
    <Field label={texts.logo} hint={texts.logoNote} error={problem ?? undefined}>
      {(props) => (
        <div
          onDragOver={(event) => event.preventDefault()}
          onDrop={(event) => {
            event.preventDefault()
            void take(event.dataTransfer.files[0])
          }}
          className="flex flex-wrap items-center gap-3 rounded-md border border-dashed border-line-strong p-4"
        >
          {logo === null ? (
            <ImageUp size={28} aria-hidden className="text-faint" />
          ) : (
            <img src={logo} alt={texts.logo} className="h-10 max-w-40 object-contain" />
          )}
          <Button onClick={() => input.current?.click()}>{texts.choose}</Button>
          {logo === null ? (
            <span className="text-xs text-faint">{texts.drop}</span>
          ) : (
            <Button look="quiet" onClick={() => onChange(null)}>
              {texts.remove}
            </Button>
          )}
          <input
            {...props}
            ref={input}
            type="file"
            accept={logoTypes.join(',')}
            data-size-max={LOGO_BYTES_MAX}
            onChange={(event) => {
              void take(event.target.files?.[0])
              // The same file may be chosen again.
              event.target.value = ''
            }}
            className="sr-only"
          />
        </div>
      )}
    </Field>
  )
}

function ColourField({
  colour,
  onChange,
  isHex,
}: {
  readonly colour: string | null
  readonly onChange: (colour: string | null) => void
  readonly isHex: boolean
}) {
  return (
    <div className="flex flex-wrap items-start gap-3">
      <Field label={texts.colour}>
        {(props) => (
          <input
            {...props}
            type="color"
            value={colour !== null && isHex ? colour : OWN_COLOUR}
            onChange={(event) => onChange(event.target.value)}
            className="h-8 w-14 rounded-md border border-line-strong/60 bg-surface p-0.5"
          />
        )}
      </Field>
      <div className="w-36">
        <TextField
          label={texts.hex}
          value={colour ?? ''}
          placeholder={OWN_COLOUR}
          onChange={(text) => onChange(text === '' ? null : text)}
          error={isHex ? undefined : texts.hexWrong}
        />
      </div>
      {colour !== null && (
        <div className="pt-5">
          <Button look="quiet" onClick={() => onChange(null)}>
            {texts.ours}
          </Button>
        </div>
      )}
      <p className="w-full text-xs text-faint">{texts.colourNote}</p>
    </div>
  )
}

const BARS = [40, 65, 52, 80, 100, 74]

function Preview({
  name,
  logo,
  colour,
}: {
  readonly name: string
  readonly logo: string | null
  readonly colour: string
}) {
  const { light, dark } = tenantColours(colour)
  return (
    <Card title={texts.preview}>
      <div className="grid grid-cols-1 gap-4 sm:grid-cols-2">
        <Sample theme="light" title={texts.light} tint={light} {...{ name, logo }} />
        <Sample theme="dark" title={texts.dark} tint={dark} {...{ name, logo }} />
      </div>
    </Card>
  )
}

/** Grounds and inks as the two themes have them: both are seen at once. */
const themes = {
  light: { ground: '#ffffff', ink: '#161b26', line: '#dfe3e9' },
  dark: { ground: '#151a22', ink: '#e8ecf2', line: '#2a323e' },
} as const

function Sample({
  theme,
  title,
  tint,
  name,
  logo,
}: {
  readonly theme: keyof typeof themes
  readonly title: string
  readonly tint: Tint
  readonly name: string
  readonly logo: string | null
}) {
  const { ground, ink, line } = themes[theme]
  const contrast = tint.contrast.toFixed(1)
  return (
    <figure className="flex flex-col gap-2">
      <div
        className="flex flex-col gap-4 rounded-lg border p-4"
        style={{ background: ground, color: ink, borderColor: line }}
      >
        <div className="flex items-center gap-2 font-semibold">
          {logo === null ? (
            <span
              aria-hidden
              className="flex size-6 items-center justify-center rounded-md text-xs"
              style={{ background: tint.accent, color: tint.onAccent }}
            >
              {name.slice(0, 1).toUpperCase()}
            </span>
          ) : (
            <img src={logo} alt="" className="h-6 max-w-24 object-contain" />
          )}
          <bdi className="truncate">{name}</bdi>
        </div>
        <div aria-hidden className="flex h-14 items-end gap-1">
          {BARS.map((height, at) => (
            <span
              key={at}
              className="w-5 rounded-t-xs"
              style={{ height: `${height}%`, background: tint.accent }}
            />
          ))}
        </div>
        <div className="flex items-center gap-3 text-sm">
          <span
            className="rounded-md px-3 py-1 font-medium"
            style={{ background: tint.accent, color: tint.onAccent }}
          >
            {texts.button}
          </span>
          <span className="underline" style={{ color: tint.accent }}>
            {texts.link}
          </span>
        </div>
      </div>
      <figcaption className="text-xs text-soft">
        <span className="font-medium">{title}.</span>{' '}
        {tint.isAdjusted ? texts.adjusted(tint.accent, contrast) : texts.asIs(contrast)}
      </figcaption>
    </figure>
  )
}
