"""What fields are usually called, in English, Spanish, Filipino and French; and how names are compared."""

from __future__ import annotations

import re
import unicodedata

# field of ours → usual names, the surest first, as `words` writes them.
_LISTS = {
    "title": "title|subject|summary|headline|titulo|asunto|resumen|pamagat|paksa|titre|objet|sujet|resume|intitule",
    "description": (
        "description|body|details|detail|text|message|content|comments|descripcion|detalle|detalles|mensaje|texto|"
        "paglalarawan|detalye|mensahe|contenu|texte|commentaire|complaint description|descriptor"
    ),
    "category": (
        "category|categories|labels|tags|type|service name|request type|issue type|report type|complaint type|topic|"
        "kind|categoria|tipo|servicio|tema|kategorya|uri|categorie|type de demande|theme"
    ),
    "refined_category": "subcategory|sub category|subtype|subcategoria|subtipo|sous categorie|service subtype",
    "barangay": (
        "barangay|district|neighborhood|neighbourhood|ward|borough|quarter|barrio|distrito|colonia|quartier|"
        "arrondissement|community board|police district"
    ),
    "place": (
        "address|location|place|street address|incident address|full address|street|direccion|ubicacion|lugar|"
        "domicilio|lokasyon|tirahan|lugar|adresse|lieu|emplacement|address string"
    ),
    "lat": "lat|latitude|latitud|y|geo lat",
    "lng": "lng|lon|long|longitude|longitud|x|geo lng|geo lon",
    "reporter_name": (
        "reporter name|reporter|requester name|requester|author|user login|user name|user|creator|created by|"
        "submitter|contact name|customer name|nombre|solicitante|autor|pangalan|nag ulat|nom|auteur|demandeur|"
        "full name|name"
    ),
    "reporter_phone": "phone|mobile|telephone|phone number|contact number|telefono|movil|celular|selpon|portable",
    "reporter_email": "email|e mail|mail|email address|correo|correo electronico|courriel|adresse mail",
    "external_status": "status|state|estado|situacion|kalagayan|katayuan|statut|etat|stage|status name",
    "source_url": "html url|url|link|web url|permalink|enlace|vinculo|lien|href|self",
    "reported_at": (
        "created at|created|created date|date created|requested datetime|opened at|open date|reported at|date|"
        "submitted at|fecha|fecha de creacion|fecha creacion|petsa|date creation|date de creation|cree le|creado|"
        "inserted at|timestamp"
    ),
    "attachments": "attachments|images|photos|media url|media|files|photo|image|adjuntos|fotos|imagenes|larawan",
}  # fmt: skip
NAMES: dict[str, tuple[str, ...]] = {
    field: tuple(names.split("|")) for field, names in _LISTS.items()
}


def _split(names: str) -> tuple[str, ...]:
    return tuple(names.split("|"))


IDS = _split(
    "id|service request id|uuid|guid|unique key|reference|ref|number|key|case id|ticket id|request id|report id|"
    "identifier|control number|numero|folio|codigo|code|sr number|issue number"
)
UPDATED = _split(
    "updated at|updated|updated datetime|updated date|last modified|modified at|modified|modified date|last update|"
    "date updated|last updated|metadata modified|actualizado|fecha actualizacion|fecha de actualizacion|modificado|"
    "mis a jour|date modification|date de modification|resolution action updated date|binago|changed at"
)
CREATED = NAMES["reported_at"]

_MEANT = {
    "open": (
        "open|opened|new|submitted|received|pending|active|reported|acknowledged|abierto|nuevo|pendiente|bukas|"
        "bago|ouvert|nouveau|recu|en attente|todo|to do|queued|unassigned"
    ),
    "in_progress": (
        "in progress|inprogress|ongoing|assigned|started|processing|working|under review|en proceso|en curso|"
        "en progreso|ginagawa|isinasagawa|en cours|en traitement|doing|investigating"
    ),
    "for_rerouting": (
        "for rerouting|reroute|rerouted|transferred|referred|forwarded|transferido|derivado|transfere|ilipat"
    ),
    "resolved": (
        "resolved|solved|fixed|done|completed|complete|resuelto|solucionado|completado|nalutas|tapos|resolu|"
        "termine|traite|finished"
    ),
    "closed": (
        "closed|rejected|cancelled|canceled|declined|wontfix|duplicate|cerrado|rechazado|sarado|ferme|clos|"
        "cloture|rejete|archived"
    ),
}
# Their word → ours, as far as it can hardly mean anything else.
STATUSES = {word: ours for ours, names in _MEANT.items() for word in _split(names)}


def words(name: str) -> str:
    """`reporterName`, `reporter_name`, `Reporter-Name` → reporter name; accents away."""
    plain = unicodedata.normalize("NFKD", name)
    plain = "".join(each for each in plain if not unicodedata.combining(each))
    plain = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", plain)
    return re.sub(r"[^a-z0-9]+", " ", plain.lower()).strip()
