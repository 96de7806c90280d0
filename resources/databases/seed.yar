// Seed rules of remote-protection. Our own; each has a positive and a negative test (databases/seed-databases.test.ts).
// The two test markers are written as bytes, so that neither this file nor the repository matches them.

rule RemoteProtection_Test_Infected
{
  meta:
    author = "remote-protection"
    description = "Harmless marker that tests of the product use as an infected file"
    verdict = "infected"
    score = 100
  strings:
    $marker = { 7b 7b 72 65 6d 6f 74 65 2d 70 72 6f 74 65 63 74 69 6f 6e 2d 74 65 73 74 2d 6d 61 72 6b 65 72 2d 69 6e 66 65 63 74 65 64 7d 7d }
  condition:
    $marker
}

rule RemoteProtection_Test_Suspicious
{
  meta:
    author = "remote-protection"
    description = "Harmless marker that tests of the product use as a probably infected file"
    verdict = "probably-infected"
    score = 65
  strings:
    $marker = { 7b 7b 72 65 6d 6f 74 65 2d 70 72 6f 74 65 63 74 69 6f 6e 2d 74 65 73 74 2d 6d 61 72 6b 65 72 2d 73 75 73 70 69 63 69 6f 75 73 7d 7d }
  condition:
    $marker
}

rule Webshell_Php_Request_Execution
{
  meta:
    author = "remote-protection"
    description = "PHP page that runs what a request sends it"
    verdict = "infected"
    score = 85
  strings:
    $open = /<\?(php|=)/ nocase
    $run = /\b(eval|assert|system|exec|shell_exec|passthru|popen)\s{0,8}\(\s{0,8}@?((base64_decode|gzinflate|str_rot13|stripslashes|urldecode)\s{0,4}\(\s{0,4}){0,3}@?\$_(GET|POST|REQUEST|COOKIE)\s{0,4}\[/ nocase
  condition:
    filesize < 512KB and $open in (0..1024) and $run
}

rule Backdoor_Shell_Reverse_Connection
{
  meta:
    author = "remote-protection"
    description = "Script that hands an interactive shell to another computer"
    verdict = "infected"
    score = 85
  strings:
    $direct = /\b(ba|z|k)?sh\s{1,4}-i\s{0,4}(>&|&>|>)\s{0,4}\/dev\/(tcp|udp)\/[\w.:-]{3,255}\/\d{1,5}\s{1,4}(0>&1|0<&1|<&1)/
    $through_fd = /exec\s{1,4}\d{1,3}<>\s{0,4}\/dev\/tcp\/[\w.:-]{3,255}\/\d{1,5}[\s;]{1,8}[^\n]{0,120}\b(ba|z)?sh\b[^\n]{0,40}<&\d/
  condition:
    filesize < 128KB and uint16be(0) == 0x2321 and any of them
}

rule Suspicious_Shell_Reverse_Connection
{
  meta:
    author = "remote-protection"
    description = "Command line that hands an interactive shell to another computer, outside of a script"
    verdict = "probably-infected"
    score = 65
  strings:
    $direct = /\bbash\s{1,4}-i\s{0,4}(>&|&>)\s{0,4}\/dev\/(tcp|udp)\/[\w.:-]{3,255}\/\d{1,5}\s{1,4}0>&1/
  condition:
    filesize < 16KB and uint16be(0) != 0x2321 and $direct
}

rule Downloader_PowerShell_Encoded
{
  meta:
    author = "remote-protection"
    description = "Hidden PowerShell that runs an encoded command"
    verdict = "infected"
    score = 75
  strings:
    $call = /powershell(\.exe)?["']?\s[^\r\n]{0,200}-(e|ec|en|enc|enco|encodedcommand)\s{1,4}["']?[A-Za-z0-9+\/]{80,}={0,2}/ nocase
    $hidden = /-w(in|indowstyle)?\s{1,4}(hidden|1)\b/ nocase
  condition:
    filesize < 1MB and $call and $hidden
}

rule Miner_Configuration
{
  meta:
    author = "remote-protection"
    description = "Settings of a program that mines cryptocurrency"
    verdict = "risky"
    score = 50
  strings:
    $pool = /"url"\s{0,4}:\s{0,4}"(stratum(\+(tcp|ssl|tls))?:\/\/)?[\w.-]{4,255}:\d{2,5}"/
    $pools = /"pools"\s{0,4}:\s{0,4}\[/
    $donate = /"donate-level"\s{0,4}:/
    $user = /"user"\s{0,4}:/
  condition:
    filesize < 256KB and $pool and $pools and $donate and $user
}

rule Persistence_Cron_Download_And_Run
{
  meta:
    author = "remote-protection"
    description = "Scheduled line that downloads something and runs it at once"
    verdict = "probably-infected"
    score = 70
  strings:
    $line = /(^|\n)[ \t]{0,8}(@(reboot|hourly|daily|weekly|monthly)|([\d*\/,-]{1,20}[ \t]{1,8}){4}[\d*\/,a-zA-Z-]{1,20})[ \t][^\n#]{0,200}\b(curl|wget)\b[^\n|]{1,300}\|\s{0,4}([\w\/]{0,40}\/)?(ba|da|z)?sh\b/
  condition:
    filesize < 256KB and $line
}
