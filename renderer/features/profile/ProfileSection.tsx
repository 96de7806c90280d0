// Profile: the relation of this computer to an account, in one of three shapes.
import { SectionPage } from '../../components/SectionPage.tsx'
import { useTopic } from '../../state/mirror.ts'
import { ConnectedProfile } from './ConnectedProfile.tsx'
import { SignedOutProfile } from './SignedOutProfile.tsx'
import './profile.css'

/** The section behind the last item of the sidebar. */
export function ProfileSection() {
  const account = useTopic('account')
  return (
    <SectionPage title="Profile">
      {account.status === 'connected' ? (
        <ConnectedProfile account={account} />
      ) : (
        <SignedOutProfile {...(account.status === 'disconnected' ? { disconnected: account } : {})} />
      )}
    </SectionPage>
  )
}
