"""The public's room: reports of problems, consultations, disclosure and open data; for anybody, without an account."""
