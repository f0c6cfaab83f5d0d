/** What the form of each kind tells its dialog. */
export interface NewForm {
  /** Id of the form, for the button outside of it. */
  readonly form: string
  readonly onBusy: (isBusy: boolean) => void
  readonly onDone: () => void
}
