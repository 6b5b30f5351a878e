"""From bytes to a :class:`~ecocloud.intake.documents.text.source.SourceText` with an exact map to the original."""
