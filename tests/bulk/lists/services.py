"""Exports of services: Zoom, Teams, GoTo, Eventbrite, Google, Mailchimp and others."""

from __future__ import annotations

from . import ANN, BO, BOTH, RealList, lines

__all__ = ["SERVICES"]

ZOOM_REGISTRATIONS = lines(
    "Registration Report",
    'Report Generated:,"11/28/2026 10:00:00 AM"',
    "Topic,Webinar ID,Scheduled Time,Duration (minutes),# Registered,# Cancelled,# Approved",
    'Launch,812 3456 7890,"12/01/2026 09:00:00 AM",60,2,0,2',
    "Registrant Details",
    "First Name,Last Name,Email,City,Registration Time,Approval Status",
    'Ann,Lee,ann@example.com,Oslo,"11/27/2026 10:00:00 AM",approved',
    'Bo,Li,bo@example.com,,"11/27/2026 11:00:00 AM",approved',
)
ZOOM_ATTENDEES = lines(
    "Attendee Report",
    'Report generated time,"12/01/2026 02:31:08 PM"',
    "Topic,Webinar ID,Actual Start Time,Actual Duration (minutes),# Registrants,Total Users",
    'Launch,812 3456 7890,"12/01/2026 09:00:00 AM",60,2,4',
    "Host Details",
    "Attended,User Name (Original Name),Email,Join Time,Leave Time,Time in Session (minutes)",
    'Yes,Zoë Hart,zoe@example.com,"12/01/2026 08:55:00 AM","12/01/2026 10:00:00 AM",65',
    "Panelist Details",
    "Attended,User Name (Original Name),Email,Join Time,Leave Time,Time in Session (minutes)",
    'Yes,Pat Panel,pat@example.com,"12/01/2026 08:58:00 AM","12/01/2026 10:00:00 AM",62',
    "Attendee Details",
    "Attended,User Name (Original Name),First Name,Last Name,Email,Phone,Registration Time,"
    "Approval Status,Join Time,Leave Time,Time in Session (minutes),Is Guest,Country/Region Name",
    'Yes,Annie,Ann,Lee,ann@example.com,,"11/27/2026 10:00:00 AM",approved,'
    '"12/01/2026 09:00:00 AM","12/01/2026 09:20:00 AM",20,Yes,Norway',
    'Yes,Annie,Ann,Lee,ann@example.com,,"11/27/2026 10:00:00 AM",approved,'
    '"12/01/2026 09:30:00 AM","12/01/2026 09:50:00 AM",20,Yes,Norway',
    'No,Bo Li,Bo,Li,bo@example.com,,"11/27/2026 11:00:00 AM",approved,--,--,--,--,',
    "Other Attended",
    "User Name,Join Time,Leave Time,Time in Session (minutes),Country/Region Name",
    '15551234567,"12/01/2026 09:00:00 AM","12/01/2026 09:10:00 AM",10,Norway',
)
ZOOM_PARTICIPANTS = lines(
    "Meeting ID,Topic,Start Time,End Time,User Email,Duration (Minutes),Participants",
    '"812 3456 7890",Launch,11/28/2026 10:00:00 AM,11/28/2026 11:00:00 AM,host@example.com,60,2',
    "",
    "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest",
    "Ann Lee,ann@example.com,11/28/2026 10:00:00 AM,11/28/2026 10:30:00 AM,30,No",
    "iPhone (Bo Li),,11/28/2026 10:00:00 AM,11/28/2026 10:30:00 AM,30,Yes",
    "Bo Li,bo@example.com,11/28/2026 10:00:00 AM,11/28/2026 10:30:00 AM,30,Yes",
)
TEAMS = lines(
    "1. Summary",
    "Meeting title\tLaunch",
    "Attended participants\t3",
    "Start time\t12/1/26, 8:55:05 AM",
    "",
    "2. Participants",
    "Name\tFirst Join\tLast Leave\tIn-Meeting Duration\tEmail\tParticipant ID (UPN)\tRole",
    "Ann Lee\t12/1/26, 9:00:05 AM\t12/1/26, 9:30:05 AM\t30m 5s\tann@example.com"
    "\tann@example.onmicrosoft.com\tOrganizer",
    "Bo Li\t12/1/26, 9:00:05 AM\t12/1/26, 9:30:05 AM\t30m\tbo@example.com\tbo@example.com\tPresenter",
    "Guest (Unverified)\t12/1/26, 9:00:05 AM\t12/1/26, 9:30:05 AM\t30m\t\t\tAttendee",
    "",
    "3. In-Meeting Activities",
    "Name\tJoin Time\tLeave Time\tDuration\tEmail\tRole",
    "Ann Lee\t12/1/26, 9:00:05 AM\t12/1/26, 9:30:05 AM\t30m 5s\tann@example.com\tOrganizer",
)
TEAMS_POLISH = lines(
    "1. Podsumowanie",
    "Tytuł spotkania\tPremiera",
    "",
    "2. Uczestnicy",
    "Imię i nazwisko\tPierwsze dołączenie\tCzas trwania\tAdres e-mail\tRola",
    "Ann Lee\t1.12.26, 09:00:05\t30 min\tann@example.com\tOrganizator",
    "Bo Li\t1.12.26, 09:00:05\t30 min\tbo@example.com\tUczestnik",
    "",
    "3. Działania w trakcie spotkania",
    "Imię i nazwisko\tGodzina dołączenia\tAdres e-mail",
    "Bo Li\t1.12.26, 09:00:05\tbo@example.com",
)
TEAMS_OLD = lines(
    "Meeting Summary",
    "Total Number of Participants\t2",
    "Meeting Title\tLaunch",
    "",
    "Full Name\tJoin Time\tLeave Time\tDuration\tEmail\tRole\tParticipant ID (UPN)",
    "Ann Lee\t12/1/2021, 9:00:05 AM\t12/1/2021, 9:30:05 AM\t30m\tann@example.com\tOrganizer\t",
    "Bo Li\t12/1/2021, 9:00:05 AM\t12/1/2021, 9:30:05 AM\t30m\tbo@example.com\tAttendee\t",
)
GOTO_REGISTRANTS = lines(
    "Generated",
    '"Nov 28, 2026 10:00 AM CET"',
    "",
    "Webinar Name,Webinar ID",
    "Launch,123-456-789",
    "",
    "First Name,Last Name,Email Address,Registration Date/Time,Unsubscribed",
    'Ann,Lee,ann@example.com,"Nov 27, 2026 10:00 AM CET",No',
    'Bo,Li,bo@example.com,"Nov 27, 2026 10:00 AM CET",No',
)
GOTO_ATTENDEES = lines(
    "Attendee Report",
    "",
    "Generated",
    '"Nov 28, 2026 10:00 AM CET"',
    "General Information",
    "Webinar Name,Webinar ID",
    "Launch,123-456-789",
    "Session Details",
    "# Registered,# Attended,Opened Invitation",
    "2,1,2",
    "Attendee Details",
    "Attended,Interest Rating,Last Name,First Name,Email Address,Registration Date/Time",
    'Yes,52,Lee,Ann,ann@example.com,"Nov 27, 2026 10:00 AM CET"',
    'No,,Li,Bo,bo@example.com,"Nov 27, 2026 10:00 AM CET"',
)
EVENTBRITE = lines(
    "Order #,Order Date,First Name,Last Name,Email,Quantity,Ticket Type,Attendee #,Attendee Status",
    "1001,2026-11-01,Ann,Lee,ann@example.com,1,VIP,5001,Attending",
    "1002,2026-11-02,Bo,Li,bo@example.com,1,Early bird,5002,Attending",
)
EVENTBRITE_BUYERS = lines(
    "Order ID,Buyer First Name,Buyer Last Name,Buyer Email,Attendee First Name,Attendee Last Name,"
    "Attendee Email,Ticket Type",
    "1001,Zoë,Hart,zoe@example.com,Ann,Lee,ann@example.com,VIP",
    "1001,Zoë,Hart,zoe@example.com,Bo,Li,bo@example.com,VIP",
)
FORMS_POLISH = lines(
    'Sygnatura czasowa,Nazwa użytkownika,Imię (wymagane),Nazwisko *,Adres e-mail:,"Zgoda, RODO"',
    '"2026/11/01 10:00:00 AM EEST",,Ann,Lee,ann@example.com,Wyrażam zgodę',
    '"2026/11/01 10:00:00 AM EEST",,Bo,Li,bo@example.com,"Tak,\npod warunkiem"',
)
FORMS_TWO_ADDRESSES = lines(
    "Timestamp,Email Address,Your name,Your email",
    "2026/11/01 10:00:00 AM GMT+1,ann@example.com,Ann Lee,ann.lee@example.org",
)
MAILCHIMP = lines(
    '"Email Address","First Name","Last Name",Address,"Phone Number",Birthday,MEMBER_RATING,TAGS',
    'ann@example.com,Ann,Lee,"1 Main St, Oslo",,01/02,2,"""customers"",""vip"""',
    'bo@example.com,Bo,Li,,,,2,""',
)
OUTLOOK = lines(
    '"First Name","Middle Name","Last Name","E-mail Address","E-mail 2 Address","Business Phone"',
    '"Ann","","Lee","ann@example.com","ann@example.org",""',
    '"Bo","","Li","bo@example.com","",""',
)
GOOGLE_CONTACTS = lines(
    "First Name,Middle Name,Last Name,Labels,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Value",
    "Ann,,Lee,* myContacts,* Work,ann@example.com,",
    "Bo,,Li,* myContacts,,bo@example.com,",
)
LINKEDIN = lines(
    "Notes:",
    '"When exporting your connection data, you may notice that some addresses are missing."',
    "",
    "First Name,Last Name,URL,Email Address,Company,Position,Connected On",
    "Ann,Lee,https://example.com/in/ann,ann@example.com,Acme,Boss,01 Nov 2026",
)

SERVICES = {
    "Zoom registrations": RealList(
        content=ZOOM_REGISTRATIONS,
        people=BOTH,
        ignored=("City", "Registration Time", "Approval Status"),
    ),
    "Zoom attendees": RealList(
        content=ZOOM_ATTENDEES, people=BOTH, bad={14: "line 13 has this address already$"}
    ),
    "Zoom attendees, saved by a spreadsheet": RealList(
        content=ZOOM_ATTENDEES.replace(" Details\r\n", " Details,,,,,,,,,,,,\r\n").replace(
            "Attendee Report\r\n", "Attendee Report,,,,,,,,,,,,\r\n"
        ),
        people=BOTH,
        bad={14: "line 13 has this address already$"},
    ),
    "Zoom participants": RealList(
        content=ZOOM_PARTICIPANTS, people=BOTH, bad={6: "it has no e-mail address"}
    ),
    "Zoom participants without a summary": RealList(
        content="".join(ZOOM_PARTICIPANTS.splitlines(keepends=True)[3:]),
        people=BOTH,
        bad={3: "it has no e-mail address"},
    ),
    "Zoom participants, new summary": RealList(
        content=lines(
            "Topic,ID,Host name,Host email,Duration (minutes),Start time,End time,Participants",
            "Launch,812 3456 7890,Zoë Hart,zoe@example.com,60,11/28/2026,11/28/2026,2",
            "",
            "Name (original name),Email,Total duration (minutes),Guest",
            "Ann Lee,ann@example.com,30,No",
            "Bo Li,bo@example.com,30,Yes",
        ),
        people=BOTH,
    ),
    "Teams": RealList(
        content=TEAMS.encode("utf-16"),
        people=BOTH,
        bad={10: "it has no e-mail address"},
        ignored=("First Join", "Last Leave", "In-Meeting Duration", "Participant ID (UPN)", "Role"),
    ),
    "Teams in Polish": RealList(content=TEAMS_POLISH.encode("utf-16"), people=BOTH),
    "Teams of 2021": RealList(content=TEAMS_OLD.encode("utf-16"), people=BOTH),
    "Teams with sign-in names only": RealList(
        content=lines("Name\tParticipant ID (UPN)\tRole", "Ann Lee\tann@example.com\tOrganizer"),
        people=(ANN,),
    ),
    "GoTo registrants": RealList(content=GOTO_REGISTRANTS, people=BOTH),
    "GoTo attendees": RealList(content=GOTO_ATTENDEES, people=BOTH),
    "Eventbrite orders": RealList(content=EVENTBRITE, people=BOTH),
    "Eventbrite attendees beside buyers": RealList(content=EVENTBRITE_BUYERS, people=BOTH),
    "Eventbrite buyers only": RealList(
        content=lines("Order ID,Buyer Email,Ticket Type", "1001,zoe@example.com,VIP"),
        refused=r"no column of e-mail addresses; it has 'Order ID', 'Buyer Email'.*columns=",
    ),
    "Google Forms in Polish": RealList(content=FORMS_POLISH, people=BOTH),
    "Google Forms with two addresses": RealList(
        content=FORMS_TWO_ADDRESSES,
        refused="both read as email: 'Email Address' and 'Your email'.*columns={'Your email'",
    ),
    "Google Forms with two addresses, one named": RealList(
        content=FORMS_TWO_ADDRESSES,
        options={"columns": {"your email": "email"}},
        people=(("ann.lee@example.org", "Ann", "Lee"),),
        ignored=("Timestamp", "Email Address"),
    ),
    "Mailchimp": RealList(content=MAILCHIMP, people=BOTH),
    "Outlook contacts": RealList(content=OUTLOOK, people=BOTH),
    "Google contacts": RealList(content=GOOGLE_CONTACTS, people=BOTH),
    "LinkedIn": RealList(content=LINKEDIN, refused="seems to be in line 4.*header_line=4"),
    "LinkedIn, header named": RealList(content=LINKEDIN, options={"header_line": 4}, people=(ANN,)),
    "ClickMeeting registrations": RealList(
        content=lines(
            "First Name,Last Name,Email Address,Registration date,Status",
            "Ann,Lee,ann@example.com,2026-11-01 10:00,confirmed",
            "Bo,Li,bo@example.com,2026-11-01 11:00,confirmed",
        ),
        people=BOTH,
    ),
    "the people list of this command line": RealList(
        content=lines(
            "email\tdisplay name\trole\tregistered at\tconfirmed at",
            "ann@example.com\tAnn Lee\tattendee\t2026-11-01 10:00+01:00\t",
            "bo@example.com\tBo Li\tattendee\t2026-11-01 10:00+01:00\t",
        ),
        name="people.tsv",
        people=(ANN, BO),
    ),
}
