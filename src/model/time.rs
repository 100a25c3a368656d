//! Clock. Whether it is set from a server stands in `services { sntp }`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::{Secret, Switch, Time};

/// Time servers and zone.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Clock {
    /// Time servers, in order of preference. `ntp none` says that there are none.
    #[schemars(extend("x-ordered" = true))]
    #[schemars(extend("x-word" = "none"))]
    #[schemars(length(min = 1, max = 64))]
    pub ntp: Option<Vec<String>>,
    /// Zone as the IANA names it, `Europe/London`; routers and switches of MX have no names, `UTC+01:00`.
    #[schemars(length(min = 1, max = 64))]
    pub timezone: Option<String>,
    /// Summer time (MX).
    pub summer_time: Option<SummerTime>,
    /// Keys that time servers and the device know each other by.
    #[serde(default)]
    pub key: Vec<NtpKey>,
    /// Whether the device is itself a time server for others.
    pub serve: Option<Switch>,
}

/// `summer-time on offset="1 h" { start month="mar" week="last" day="sun" hour=1 minute=0 }`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SummerTime {
    /// Whether clocks are put forward.
    #[schemars(extend("x-at" = "arg"))]
    pub enabled: Option<Switch>,
    /// By how much.
    #[schemars(extend("x-at" = "prop"))]
    pub offset: Option<Time>,
    /// When it begins.
    pub start: Option<YearlyMoment>,
    /// When it ends.
    pub end: Option<YearlyMoment>,
}

/// A moment of every year: `start month="mar" week="last" day="sun" hour=1 minute=0`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct YearlyMoment {
    /// The month.
    pub month: Option<Month>,
    /// The how many-th day of that name in it.
    pub week: Option<Week>,
    /// The day of the week.
    pub day: Option<Weekday>,
    /// The hour.
    #[schemars(range(min = 0, max = 23))]
    pub hour: Option<u8>,
    /// The minute.
    #[schemars(range(min = 0, max = 59))]
    pub minute: Option<u8>,
}

/// A month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Month {
    /// January.
    Jan,
    /// February.
    Feb,
    /// March.
    Mar,
    /// April.
    Apr,
    /// May.
    May,
    /// June.
    Jun,
    /// July.
    Jul,
    /// August.
    Aug,
    /// September.
    Sep,
    /// October.
    Oct,
    /// November.
    Nov,
    /// December.
    Dec,
}

/// The how many-th day of its name in a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum Week {
    /// The first.
    #[serde(rename = "1")]
    N1,
    /// The second.
    #[serde(rename = "2")]
    N2,
    /// The third.
    #[serde(rename = "3")]
    N3,
    /// The fourth.
    #[serde(rename = "4")]
    N4,
    /// The fifth.
    #[serde(rename = "5")]
    N5,
    /// The last.
    #[serde(rename = "last")]
    Last,
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Weekday {
    /// Monday.
    Mon,
    /// Tuesday.
    Tue,
    /// Wednesday.
    Wed,
    /// Thursday.
    Thu,
    /// Friday.
    Fri,
    /// Saturday.
    Sat,
    /// Sunday.
    Sun,
}

/// `key 7 type="sha512"`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct NtpKey {
    /// Number that both ends use.
    #[schemars(extend("x-key" = true))]
    #[schemars(range(min = 1, max = 65535))]
    pub number: Option<u16>,
    /// How messages are signed with it.
    pub r#type: Option<NtpKeyType>,
    /// Name of the key's secret.
    #[schemars(extend("x-secret" = "{device}/ntp-{key}"))]
    pub secret: Option<Secret>,
}

/// How messages of time servers are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum NtpKeyType {
    /// MD5.
    Md5,
    /// SHA-512.
    Sha512,
}
