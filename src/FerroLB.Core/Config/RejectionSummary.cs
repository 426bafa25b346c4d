using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace FerroLB.Core.Config;

/// <summary>
/// All rejections of a configuration in one message. Every rejected object is named, those first with the reason that fit; only when even
/// the names are too many for one message, the rest is counted. It is one line, because kubectl shows no more of a column than that.
/// </summary>
public static class RejectionSummary
{
    /// <summary>The most characters that the message has; conditions hold 32,768.</summary>
    public const int MostCharacters = 16_000;

    private const int MostForReasons = 8_000;
    private const int MostPerReason = 600;
    private const int RoomForTheRest = 40;

    /// <summary>The message; empty when nothing was rejected. The order is that of the rejections.</summary>
    public static string Of(IReadOnlyList<ConfigRejection> rejections)
    {
        var objects = rejections.GroupBy(rejection => (rejection.Kind, rejection.Object)).ToList();
        var text = new StringBuilder();
        var told = 0;
        foreach (var faults in objects)
        {
            var reason = ReasonOf([.. faults]);
            if (told > 0 && text.Length + reason.Length > MostForReasons)
                break;
            text.Append(told == 0 ? "" : " ").Append(reason);
            told++;
        }
        Name(text, [.. objects.Skip(told).Select(faults => $"{faults.Key.Kind} {faults.Key.Object}")]);
        return text.ToString();
    }

    private static string ReasonOf(List<ConfigRejection> faults)
    {
        var reason = Excerpt.Cut(faults[0].ToString(), MostPerReason);
        return faults.Count == 1
            ? reason
            : string.Create(CultureInfo.InvariantCulture, $"{reason} (and {faults.Count - 1} more faults of this object)");
    }

    private static void Name(StringBuilder text, List<string> names)
    {
        for (var i = 0; i < names.Count; i++)
        {
            if (text.Length + names[i].Length + RoomForTheRest > MostCharacters)
            {
                text.Append(CultureInfo.InvariantCulture, $", and {names.Count - i} more");
                return;
            }
            text.Append(i == 0 ? " Also rejected: " : ", ").Append(names[i]);
        }
    }
}
