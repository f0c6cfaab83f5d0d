import { useId, type ComponentProps, type ReactNode } from 'react'

import { classes } from '~/ui/classes.ts'

export const inputClass =
  'w-full rounded-md border border-line-strong/60 bg-surface px-2.5 text-sm text-ink placeholder:text-faint disabled:opacity-60 aria-invalid:border-bad'

interface FieldProps {
  readonly label: ReactNode
  /** Under the field: what is wanted. */
  readonly hint?: ReactNode | undefined
  /** In its place when what was given cannot be. */
  readonly error?: ReactNode | undefined
  /** True: the label is for readers of screens only. */
  readonly quiet?: boolean | undefined
}

/** A label, an input of whatever kind, and what there is to say about it. */
export function Field({
  label,
  hint,
  error,
  quiet = false,
  children,
}: FieldProps & {
  readonly children: (props: {
    id: string
    'aria-describedby': string | undefined
    'aria-invalid': true | undefined
  }) => ReactNode
}) {
  const id = useId()
  const said = error ?? hint
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className={quiet ? 'sr-only' : 'text-xs font-medium text-soft'}>
        {label}
      </label>
      {children({
        id,
        'aria-describedby': said == null ? undefined : `${id}-said`,
        'aria-invalid': error == null ? undefined : true,
      })}
      {said != null && (
        <p
          id={`${id}-said`}
          role={error == null ? undefined : 'alert'}
          className={classes('text-xs', error == null ? 'text-faint' : 'text-bad')}
        >
          {said}
        </p>
      )}
    </div>
  )
}

type Plain<Tag extends 'input' | 'select' | 'textarea'> = Omit<
  ComponentProps<Tag>,
  'id' | 'className' | 'onChange' | 'value'
>

interface Valued {
  readonly value: string
  readonly onChange: (value: string) => void
}

export function TextField({
  label,
  hint,
  error,
  quiet,
  onChange,
  ...rest
}: FieldProps & Valued & Plain<'input'>) {
  return (
    <Field {...{ label, hint, error, quiet }}>
      {(props) => (
        <input
          type="text"
          autoComplete="off"
          {...rest}
          {...props}
          onChange={(event) => onChange(event.target.value)}
          className={classes(inputClass, 'h-8')}
        />
      )}
    </Field>
  )
}

export function TextArea({
  label,
  hint,
  error,
  quiet,
  onChange,
  mono = false,
  ...rest
}: FieldProps & Valued & Plain<'textarea'> & { readonly mono?: boolean }) {
  return (
    <Field {...{ label, hint, error, quiet }}>
      {(props) => (
        <textarea
          rows={4}
          spellCheck={!mono}
          {...rest}
          {...props}
          onChange={(event) => onChange(event.target.value)}
          className={classes(inputClass, 'py-1.5', mono && 'font-mono text-xs')}
        />
      )}
    </Field>
  )
}

export interface Choice {
  readonly value: string
  readonly label: string
  readonly disabled?: boolean
}

/** One of a few; the browser's own list, which works on a phone. */
export function Select({
  label,
  hint,
  error,
  quiet,
  onChange,
  choices,
  ...rest
}: FieldProps & Valued & Plain<'select'> & { readonly choices: readonly Choice[] }) {
  return (
    <Field {...{ label, hint, error, quiet }}>
      {(props) => (
        <select
          {...rest}
          {...props}
          onChange={(event) => onChange(event.target.value)}
          className={classes(inputClass, 'h-8')}
        >
          {choices.map((choice) => (
            <option key={choice.value} value={choice.value} disabled={choice.disabled}>
              {choice.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}

export function Checkbox({
  label,
  hint,
  checked,
  onChange,
  disabled = false,
}: {
  readonly label: ReactNode
  readonly hint?: ReactNode
  readonly checked: boolean
  readonly onChange: (checked: boolean) => void
  readonly disabled?: boolean
}) {
  return (
    <label className={classes('flex items-start gap-2 text-sm', disabled && 'opacity-60')}>
      <input
        type="checkbox"
        checked={checked}
        disabled={disabled}
        onChange={(event) => onChange(event.target.checked)}
        className="mt-0.5 size-4 accent-(--accent)"
      />
      <span>
        {label}
        {hint !== undefined && <span className="block text-xs text-faint">{hint}</span>}
      </span>
    </label>
  )
}
