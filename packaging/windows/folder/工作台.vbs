Option Explicit
Dim shell, files, root, program, script
Set shell = CreateObject("WScript.Shell")
Set files = CreateObject("Scripting.FileSystemObject")
root = files.GetParentFolderName(WScript.ScriptFullName)
program = files.BuildPath(root, "app\python\pythonw.exe")
script = files.BuildPath(root, "app\start.py")
On Error Resume Next
shell.CurrentDirectory = root
shell.Run """" & program & """ -X utf8 """ & script & """", 1, False
If Err.Number <> 0 Then
  MsgBox "工作台没有启动。" & vbCrLf & vbCrLf & "请先把压缩包完整解压，不要在压缩包里直接双击。" & vbCrLf & _
    "如果提示被管理员或组策略阻止，请看“说明.txt”中“被阻止时”。", vbExclamation, "工作台"
End If
