export const signIn = {
  title: 'Sign in',
  submit: 'Sign in',
  code: 'One-time code',
  codeHint: 'The six digits of your authenticator, or a recovery code.',
  codeNeeded: 'This account asks for a code, too.',
  forgot: 'Forgot your password?',
  with: (provider: string) => `Sign in with ${provider}`,
  or: 'or',
  already: (email: string) => `You are signed in as ${email}.`,
  goOn: 'Go on',
  another: 'Sign in as somebody else',
  wasReset: 'Your new password is set. Sign in with it.',
  forgotTitle: 'A new password',
  forgotNote:
    'Say the e-mail address of your account: a link to choose a new password is sent there.',
  forgotSubmit: 'Send the link',
  forgotSent: (email: string) =>
    `If there is an account for ${email}, a link is on its way. It works once, for an hour.`,
  forgotNoMail:
    'This server sends no mail. Whoever runs it can make a link for you: millrace passwords link.',
  back: 'Back to signing in',
} as const
