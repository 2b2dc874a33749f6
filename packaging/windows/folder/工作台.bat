@echo off
rem ASCII only: cmd reads this file in the code page of the machine.
cd /d "%~dp0"
if not exist "app\python\pythonw.exe" goto failed
start "" "app\python\pythonw.exe" -X utf8 "app\start.py"
if errorlevel 1 goto failed
exit /b 0
:failed
chcp 65001 >nul
type "app\start-failed.txt"
pause
exit /b 1
