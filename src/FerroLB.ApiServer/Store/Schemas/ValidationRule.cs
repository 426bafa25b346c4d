using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Cel;
using FerroLB.ApiServer.Store.Json;

namespace FerroLB.ApiServer.Store.Schemas;

/// <summary>One entry of x-kubernetes-validations.</summary>
/// <param name="Rule">The expression as written.</param>
/// <param name="Expression">The parsed expression, or null when it does not parse.</param>
/// <param name="Message">What to tell the user, or "".</param>
/// <param name="MessageExpression">An expression that makes the message, or null.</param>
/// <param name="Reason">The cause's reason, as FieldValueInvalid.</param>
/// <param name="FieldPath">Where to report, relative to the rule's place, or "".</param>
/// <param name="IsTransition">Whether the rule mentions oldSelf, and so is only for updates.</param>
internal sealed record ValidationRule(
    string Rule, CelNode? Expression, string Message, CelNode? MessageExpression, string Reason, string FieldPath, bool IsTransition)
{
    /// <summary>Reads an entry; a broken expression is refused earlier, by the rules for definitions.</summary>
    public static ValidationRule Read(JsonObject source)
    {
        var rule = source.Text("rule") ?? "";
        var expression = CelParser.TryParse(rule, out var parsed, out _) ? parsed : null;
        var messageText = source.Text("messageExpression");
        var messageExpression = messageText is not null && CelParser.TryParse(messageText, out var message, out _) ? message : null;
        var optionalOld = source.Boolean("optionalOldSelf") ?? false;
        return new(rule, expression, source.Text("message") ?? "", messageExpression, source.Text("reason") ?? "FieldValueInvalid",
            source.Text("fieldPath") ?? "", !optionalOld && expression is not null && expression.Mentions("oldSelf"));
    }
}
