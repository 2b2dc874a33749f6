"""企业调查表: one enterprise's answers as a form to be mailed, and the returned forms as rows of the survey."""
