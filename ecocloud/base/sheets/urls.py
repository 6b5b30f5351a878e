"""Routes of imports."""

app_name = "sheets"
urlpatterns: list = []
