// Settings: treatment, what is scanned, quarantine, look, and what this is. Each change applies at once.
import { SectionPage } from '../../components/SectionPage.tsx'
import { About } from './About.tsx'
import { ClamavSettings } from './ClamavSettings.tsx'
import { FileProtectionSettings } from './FileProtectionSettings.tsx'
import { GeneralSettings } from './GeneralSettings.tsx'
import { QuarantineSettings } from './QuarantineSettings.tsx'
import { ScanSettings } from './ScanSettings.tsx'
import { TreatmentSettings } from './TreatmentSettings.tsx'
import { UnusableDatabases } from './UnusableDatabases.tsx'
import './settings.css'

/** One page, no tabs. */
export function SettingsSection() {
  return (
    <SectionPage title="Settings">
      <TreatmentSettings />
      <ScanSettings />
      <FileProtectionSettings />
      <ClamavSettings />
      <QuarantineSettings />
      <GeneralSettings />
      <UnusableDatabases />
      <About />
    </SectionPage>
  )
}
